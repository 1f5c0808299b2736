/** A stream up to a mark in it. */

import { Transform } from "node:stream";

/**
 * Passes on what comes before the mark, at once but for what may be the beginning of it. Ends at the mark and drops what follows.
 * `seen` tells whether the end was the mark's.
 */
export class UntilMark extends Transform {
  readonly #mark: Buffer;
  /** The mark's first bytes, if the last bytes were those. */
  #held = Buffer.alloc(0);
  seen = false;

  constructor(mark: Uint8Array) {
    super();
    this.#mark = Buffer.from(mark);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.seen) return done();
    const bytes = Buffer.concat([this.#held, chunk]);
    const at = bytes.indexOf(this.#mark);
    this.seen = at >= 0;
    const end = this.seen ? at : bytes.length - this.#beginningAtEnd(bytes);
    this.#held = this.seen ? Buffer.alloc(0) : bytes.subarray(end);
    if (end > 0) this.push(bytes.subarray(0, end));
    if (this.seen) this.push(null);
    done();
  }

  override _flush(done: () => void): void {
    if (this.#held.length > 0) this.push(this.#held);
    done();
  }

  #beginningAtEnd(bytes: Buffer): number {
    for (let length = Math.min(this.#mark.length - 1, bytes.length); length > 0; length--) {
      if (bytes.subarray(bytes.length - length).equals(this.#mark.subarray(0, length))) return length;
    }
    return 0;
  }
}
