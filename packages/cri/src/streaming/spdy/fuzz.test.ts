import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerBlockBytesMax } from "../limits.ts";
import { fuzzRuns } from "../testing/fuzz-runs.ts";
import { controlFrame } from "./frame-writer.ts";
import { type Frame, SpdyProtocolError } from "./frame.ts";
import { FrameParser } from "./frame-parser.ts";
import { HeaderDecoder, HeaderEncoder } from "./header-codec.ts";

const runs = 100_000;
const timeoutMs = 120_000;

/** Bytes that are nearly frames reach deeper than random ones. */
const nearlyFrame = fc
  .record({
    type: fc.integer({ min: 0, max: 11 }),
    flags: fc.constantFrom(0, 0, 0, 1, 2, 255),
    payload: fc.uint8Array({ maxLength: 40 }),
    lengthOff: fc.constantFrom(0, 0, 0, 0, -1, 1, 0xff),
  })
  .map(({ type, flags, payload, lengthOff }) => {
    const length = Math.max(0, payload.length + lengthOff);
    return Buffer.from([0x80, 3, 0, type, flags, 0, 0, length & 0xff, ...payload]);
  });
const input = fc.oneof(
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  nearlyFrame,
);

/** Parses as a connection does; a protocol error is an answer, anything else a bug. */
function consume(chunks: readonly Buffer[]): { frames: number; headerBytes: number } {
  const parser = new FrameParser();
  const decoder = new HeaderDecoder();
  const seen = { frames: 0, headerBytes: 0 };
  const take = (frame: Frame): void => {
    seen.frames++;
    if (!("headerBlock" in frame)) return;
    for (const [name, value] of decoder.decode(frame.headerBlock)) seen.headerBytes += name.length + value.length;
  };
  try {
    for (const chunk of chunks) parser.push(chunk, take);
  } catch (error) {
    if (!(error instanceof SpdyProtocolError)) throw error;
  }
  return seen;
}

describe("the parser and the header codec, fed with anything", () => {
  it(
    "take it or refuse it, and give no more than they may",
    () => {
      const run = fc.check(
        fc.property(fc.array(input, { maxLength: 3 }), (chunks) => {
          const bytes = chunks.reduce((total, chunk) => total + chunk.length, 0);
          const { frames, headerBytes } = consume(chunks);
          return frames <= bytes && headerBytes <= headerBlockBytesMax * frames;
        }),
        { numRuns: fuzzRuns(runs) },
      );
      expect(fc.defaultReportMessage(run)).toBeUndefined();
    },
    timeoutMs,
  );

  it(
    "survive valid frames with flipped bytes",
    () => {
      const headers = new Map([
        ["streamtype", "data"],
        ["port", "80"],
      ]);
      const headerBlock = new HeaderEncoder().encode(headers);
      const valid = Buffer.concat([
        controlFrame({ type: "syn-stream", streamId: 1, fin: false, unidirectional: false, headerBlock }),
        controlFrame({ type: "ping", id: 1 }),
        controlFrame({ type: "rst-stream", streamId: 1, status: 5 }),
      ]);
      const flip = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 }));
      const run = fc.check(
        fc.property(fc.array(flip, { minLength: 1, maxLength: 4 }), (flips) => {
          const damaged = Buffer.from(valid);
          for (const [at, mask] of flips) damaged.writeUInt8(damaged.readUInt8(at) ^ mask, at);
          return consume([damaged]).frames <= valid.length;
        }),
        { numRuns: fuzzRuns(runs) },
      );
      expect(fc.defaultReportMessage(run)).toBeUndefined();
    },
    timeoutMs,
  );
});
