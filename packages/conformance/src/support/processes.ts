/** Processes of this machine, found by their arguments. */
import { readdir, readFile } from "node:fs/promises";

/** Those whose arguments hold all of the words, oldest number first. */
export async function processesWith(...words: readonly string[]): Promise<number[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const argvs = await Promise.all(numbers.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  const found = numbers.filter((_, position) => words.every((word) => argvs[position]?.includes(word)));
  return found.toSorted((a, b) => a - b);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
