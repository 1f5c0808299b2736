/** Names and values inside a header block, once it is decompressed. */

import { headersMax } from "../limits.ts";
import { SpdyProtocolError } from "./frame.ts";

/** Lower-case names; several values of one name are joined with NUL, as on the wire. */
export type SpdyHeaders = ReadonlyMap<string, string>;

/** Throws SpdyProtocolError for upper case, empty or double names, lengths that do not fit, bytes left over. */
export function decodeHeaderBlock(block: Buffer): SpdyHeaders {
  const reader = new LengthPrefixed(block);
  const count = reader.length();
  if (count > headersMax) throw new SpdyProtocolError(`${count} headers`);
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const name = reader.text();
    if (name === "" || name !== name.toLowerCase())
      throw new SpdyProtocolError("a header name that is empty or in upper case");
    if (headers.has(name)) throw new SpdyProtocolError("a header twice");
    headers.set(name, reader.text());
  }
  reader.requireEnd();
  return headers;
}

/** Names must be in lower case. */
export function encodeHeaderBlock(headers: SpdyHeaders): Buffer {
  return Buffer.concat([
    word(headers.size),
    ...[...headers].flatMap(([name, value]) => [...text(name), ...text(value)]),
  ]);
}

class LengthPrefixed {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  length(): number {
    if (this.#bytes.length - this.#offset < 4) throw new SpdyProtocolError("a header block that is too short");
    const length = this.#bytes.readUInt32BE(this.#offset);
    this.#offset += 4;
    return length;
  }

  text(): string {
    const length = this.length();
    if (length > this.#bytes.length - this.#offset) throw new SpdyProtocolError("a header longer than its block");
    const value = this.#bytes.toString("latin1", this.#offset, this.#offset + length);
    this.#offset += length;
    return value;
  }

  requireEnd(): void {
    if (this.#offset !== this.#bytes.length) throw new SpdyProtocolError("bytes behind a header block");
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): [Buffer, Buffer] {
  const bytes = Buffer.from(value, "latin1");
  return [word(bytes.length), bytes];
}
