/** Processes that a test has left running. */

import { readdirSync, readFileSync } from "node:fs";

/** Pids of those with the text in their command line. */
export function processesOf(text: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
    } catch {
      return false; // it has just ended
    }
  });
}
