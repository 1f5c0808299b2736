/** A file without a format that the kernel knows is a shell script. */
import { readFile } from "../sys/io.ts";
import type { Shell } from "./shell.ts";

export async function runScriptFile(shell: Shell, path: string, words: string[]): Promise<number> {
  const { process } = shell;
  const text = await readFile(process, path);
  process.argv = ["sh", path, ...words.slice(1)];
  shell.name = path;
  shell.parameters = words.slice(1);
  return shell.run.text(shell, text, true);
}
