/** Seccomp filters. Guests have no system calls of their own, so only the few that tests of filters use ask: chmod and sethostname. */
import { errnoOfNumber } from "../core/errno.ts";
import type { Process } from "../core/process.ts";

/** Fails where the process's filter says so. Arguments that are no numbers stand as 0. */
export function passSeccomp(process: Process, call: string, args: readonly number[] = []): void {
  const number = process.seccomp?.(call, args);
  if (number !== undefined) throw errnoOfNumber(number);
}
