/** What a shell says about its children, and those that it did not start. */
import { Errno } from "../core/errno.ts";
import type { ExitStatus } from "../core/process.ts";
import { signalText, SIGINT, SIGPIPE } from "../core/signals.ts";
import { writeFd } from "../sys/io.ts";
import type { Shell } from "./shell.ts";

/** Says that a command ended by a signal, as a shell does. */
export async function reportDeath(shell: Shell, status: ExitStatus | undefined): Promise<void> {
  if (!status || !("signal" in status) || status.signal === SIGINT || status.signal === SIGPIPE) return;
  await writeFd(shell.process, 2, `${signalText(status.signal)}\n`).catch((error: unknown) => {
    if (!(error instanceof Errno)) throw error;
  });
}

/** Reaps children that this shell did not start and that ended: an init gets those of others. */
export function reapStrangers(shell: Shell): void {
  for (const child of shell.process.children) {
    if (child.dead && !shell.jobs.ofPid(child.pid)) child.reap();
  }
}
