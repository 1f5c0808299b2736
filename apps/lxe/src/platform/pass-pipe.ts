/**
 * Copies a pipe to a stream. Node's own way takes fresh memory of 64 KiB for each read, whatever the read brings, and several
 * streams' bookkeeping; at the speed of a pipe both cost more than the copying.
 */

import { Socket } from "node:net";
import type { Writable } from "node:stream";

/** What is read goes here piece by piece. Not used twice: streams keep what they are given for as long as they like. */
const SLAB_BYTES = 256 * 1024;
/** A read may bring as much as is left, but not less than this. */
const READ_BYTES_MIN = 64 * 1024;

/** Takes `fd` over. Resolves at the end of the pipe, or when `to` is closed; the pipe is closed then, and `to` has not been ended. */
export function passPipe(fd: number, to: Writable): Promise<void> {
  return new Promise((resolve) => {
    let slab = Buffer.alloc(0);
    const from = new Socket({
      fd,
      readable: true,
      writable: false,
      onread: {
        buffer: () => {
          if (slab.length < READ_BYTES_MIN) slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
          return slab;
        },
        callback: (count) => {
          const piece = slab.subarray(0, count);
          slab = slab.subarray(count);
          return to.write(piece);
        },
      },
    });
    const goOn = (): void => void from.resume();
    const stop = (): void => void from.destroy();
    to.on("drain", goOn);
    to.once("close", stop);
    from.on("error", stop);
    from.once("end", stop);
    from.once("close", () => {
      to.off("drain", goOn);
      to.off("close", stop);
      resolve();
    });
    if (to.closed || to.destroyed) stop();
  });
}
