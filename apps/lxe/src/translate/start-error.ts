/** Why a process could not be started, in words. Pure. */

import { getSystemErrorMessage } from "node:util";
import type { Failure } from "../init/assemble.ts";
import { PURPOSES } from "../init/process.ts";

/** `cannot run the command: no such file or directory`. */
export function startErrorMessage({ errno, call, purpose }: Failure): string {
  const what = PURPOSES[purpose] || `call ${call ?? "the kernel"}`;
  return `cannot ${what}: ${getSystemErrorMessage(-errno) ?? `error ${errno}`}`;
}
