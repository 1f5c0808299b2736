/** Ending streams whose other end may be gone. */

import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

/** Ends `stream` and resolves when all of it is handed on, or it is lost; never rejects. */
export async function endWritable(stream: Writable | undefined): Promise<void> {
  if (stream === undefined || stream.destroyed) return;
  stream.end();
  await finished(stream, { readable: false }).catch(() => {});
}
