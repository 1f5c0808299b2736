/** Programs that the runner starts: what they print is shown where it says why they failed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

const SHOWN_CHARS = 4096;

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Rejects with the end of its output where it does not end well. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env = process.env }: ProgramOptions = {},
): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], cwd, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-SHOWN_CHARS);
    });
  }
  const [code, signal] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${String(signal ?? code)}\n${output.trimEnd()}`);
}

/** Its path; undefined where it is in none of the directories. */
export function findProgram(name: string, directories: readonly string[] = searchPath()): string | undefined {
  return directories.map((directory) => `${directory}/${name}`).find((path) => existsSync(path));
}

/** Debian keeps servers in directories that users do not search. */
export function searchPath(): string[] {
  return [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"].filter((directory) => directory !== "");
}
