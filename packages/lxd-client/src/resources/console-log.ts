import type { CallOptions } from "../api/options.ts";
import type { Context } from "../context.ts";
import { isLxdError } from "../errors.ts";
import { path } from "./access.ts";
import { readBytes } from "./bytes.ts";

export async function consoleLog(
  { rest }: Context,
  instance: string,
  options: CallOptions | undefined,
): Promise<Buffer> {
  try {
    return await readBytes(rest, path("instances", instance, "console"), options);
  } catch (error) {
    if (isEmptyConsole(error)) return Buffer.alloc(0);
    throw error;
  }
}

/** LXD 5.0 fails to open a file with an empty name when nothing was written yet. */
function isEmptyConsole(error: unknown): boolean {
  return isLxdError(error) && /^open .*: no such file or directory/.test(error.lxdMessage ?? "");
}
