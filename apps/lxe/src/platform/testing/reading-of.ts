/** A pipe's content as a stream, for tests. */

import { PassThrough } from "node:stream";
import type { PipeEnd } from "../pipes.ts";

export function readingOf(end: PipeEnd): PassThrough {
  const to = new PassThrough();
  void end.passTo(to).then(() => to.end());
  return to;
}
