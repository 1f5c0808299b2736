/** Calls of node:fs in the guest kernel. */
import { Errno, errnoOfHost } from "../core/errno.ts";

/** Runs a call of node:fs and gives its failure as the guest knows failures. */
export function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof Errno ? error : errnoOfHost(error);
  }
}
