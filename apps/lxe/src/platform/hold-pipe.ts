/** Keeps a pipe open for as long as wanted, by a process that outlives this one: the kernel counts who has it open, not who ought to. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { hasCode } from "./has-code.ts";
import { openBothWays, type PipeEnd, removePipes } from "./pipes.ts";

/** A shell that opens its argument for reading waits for somebody to open it for writing, and then ends. */
const WAIT = ': <"$1"';

/** Starts a process that has `end` open until `letGo` of the pipe `until`, which exists. */
export async function holdOpen(end: PipeEnd, until: string): Promise<void> {
  const holder = spawn("/bin/sh", ["-c", WAIT, "lxe-stdin", until], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "ignore", end.fd],
  });
  await once(holder, "spawn");
  holder.unref();
}

/** Ends all processes that hold on until then, and removes the pipe; none is fine. */
export async function letGo(until: string): Promise<void> {
  try {
    // one that is only about to wait finds a writer, or no pipe
    await using _end = await openBothWays(until);
    await removePipes([until]);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}
