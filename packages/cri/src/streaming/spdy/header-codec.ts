/**
 * Compression of header blocks. One zlib stream runs through all blocks of a direction, cut at sync flushes. node:zlib streams are
 * asynchronous, and frames behind a block would have to wait for it; but a block that ends in a sync flush can be coded alone,
 * given the 32 KiB before it as a raw dictionary. That is what happens here, so the codec is synchronous and holds 32 KiB.
 */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { headerBlockBytesMax } from "../limits.ts";
import { spdyDictionary } from "./dictionary.ts";
import { SpdyProtocolError } from "./frame.ts";
import { decodeHeaderBlock, encodeHeaderBlock, type SpdyHeaders } from "./header-block.ts";

const windowBytes = 32 * 1024;
/** Of a zlib stream with a 32 KiB window, a preset dictionary and best compression. */
const zlibHeader = Buffer.from([0x78, 0xf9]);
const dictionaryId = Buffer.from([0xe3, 0xc6, 0xa7, 0xc2]);
const streamHeaderBytes = zlibHeader.length + dictionaryId.length;

export class HeaderEncoder {
  #window = spdyDictionary;
  #started = false;

  encode(headers: SpdyHeaders): Buffer {
    const plain = encodeHeaderBlock(headers);
    const coded = deflateRawSync(plain, {
      dictionary: this.#window,
      level: constants.Z_BEST_COMPRESSION,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    this.#window = slide(this.#window, plain);
    if (this.#started) return coded;
    this.#started = true;
    return Buffer.concat([zlibHeader, dictionaryId, coded]);
  }
}

export class HeaderDecoder {
  #window = spdyDictionary;
  #started = false;

  /** Throws SpdyProtocolError; the decoder is of no use then. */
  decode(block: Buffer): SpdyHeaders {
    const plain = inflate(this.#started ? block : withoutStreamHeader(block), this.#window);
    this.#started = true;
    this.#window = slide(this.#window, plain);
    return decodeHeaderBlock(plain);
  }
}

function slide(window: Buffer, plain: Buffer): Buffer {
  const all = Buffer.concat([window, plain]);
  return all.subarray(Math.max(0, all.length - windowBytes));
}

function withoutStreamHeader(block: Buffer): Buffer {
  const valid =
    block.length >= streamHeaderBytes &&
    (block.readUInt8(0) & 0x0f) === 8 &&
    block.readUInt16BE(0) % 31 === 0 &&
    block.subarray(zlibHeader.length, streamHeaderBytes).equals(dictionaryId);
  if (!valid) throw new SpdyProtocolError("a header block that does not start SPDY's zlib stream");
  return block.subarray(streamHeaderBytes);
}

interface Inflated {
  buffer: Buffer;
  engine: { bytesWritten: number };
}

function inflate(block: Buffer, dictionary: Buffer): Buffer {
  let inflated: Inflated;
  try {
    // With `info` the result is not the buffer that the types promise.
    inflated = inflateRawSync(block, {
      dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: headerBlockBytesMax,
      info: true,
    }) as unknown as Inflated;
  } catch (error) {
    throw new SpdyProtocolError("a header block that cannot be decompressed", { cause: error });
  }
  if (inflated.engine.bytesWritten !== block.length) throw new SpdyProtocolError("bytes behind a compressed block");
  return inflated.buffer;
}
