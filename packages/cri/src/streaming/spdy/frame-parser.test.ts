import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { controlFrameBytesMax } from "../limits.ts";
import { fuzzRuns } from "../testing/fuzz-runs.ts";
import { controlFrame, dataFrameHeader } from "./frame-writer.ts";
import { type ControlFrame, type Frame, SpdyProtocolError } from "./frame.ts";
import { FrameParser } from "./frame-parser.ts";

const streamId = fc.integer({ min: 1, max: 0x7fffffff });
const word = fc.integer({ min: 0, max: 0xffffffff });
const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array));

const anyControlFrame: fc.Arbitrary<ControlFrame> = fc.oneof(
  fc.record({
    type: fc.constant("syn-stream" as const),
    streamId,
    fin: fc.boolean(),
    unidirectional: fc.boolean(),
    headerBlock: bytes,
  }),
  fc.record({
    type: fc.constantFrom("syn-reply" as const, "headers" as const),
    streamId,
    fin: fc.boolean(),
    headerBlock: bytes,
  }),
  fc.record({ type: fc.constant("rst-stream" as const), streamId, status: fc.integer({ min: 1, max: 11 }) }),
  fc.record({
    type: fc.constant("settings" as const),
    entries: fc.array(
      fc.record({ flags: fc.integer({ min: 0, max: 255 }), id: fc.integer({ min: 0, max: 0xffffff }), value: word }),
      { maxLength: 4 },
    ),
  }),
  fc.record({ type: fc.constant("ping" as const), id: fc.integer({ min: 1, max: 0xffffffff }) }),
  fc.record({
    type: fc.constant("goaway" as const),
    lastStreamId: fc.integer({ min: 0, max: 0x7fffffff }),
    status: word,
  }),
  fc.record({
    type: fc.constant("window-update" as const),
    streamId: fc.integer({ min: 0, max: 0x7fffffff }),
    delta: fc.integer({ min: 0, max: 0x7fffffff }),
  }),
);
const anyDataFrame = fc.record({ type: fc.constant("data" as const), streamId, fin: fc.boolean(), piece: bytes });
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(anyControlFrame, anyDataFrame);

function encode(frame: Frame): Buffer {
  if (frame.type !== "data") return controlFrame(frame);
  return Buffer.concat([dataFrameHeader(frame.streamId, frame.piece.length, frame.fin), frame.piece]);
}

function parse(chunks: readonly Buffer[]): Frame[] {
  const parser = new FrameParser();
  const frames: Frame[] = [];
  for (const chunk of chunks) parser.push(chunk, (frame) => frames.push(frame));
  return frames;
}

/** Parts of data frames that follow one another, put together; the stream's end makes a new frame. */
function joined(frames: readonly Frame[]): Frame[] {
  const all: Frame[] = [];
  for (const frame of frames) {
    const last = all.at(-1);
    if (frame.type === "data" && last?.type === "data" && last.streamId === frame.streamId && !last.fin) {
      all[all.length - 1] = { ...last, fin: frame.fin, piece: Buffer.concat([last.piece, frame.piece]) };
    } else all.push(frame);
  }
  return all;
}

function cut(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((at) => at % (whole.length + 1)), whole.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
}

function control(type: number, flags: number, payload: number[], version = 3): Buffer {
  return Buffer.from([0x80, version, 0, type, flags, 0, 0, payload.length, ...payload]);
}

describe("the frame parser", () => {
  it("gives back every frame that is written", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), (frames) => {
        expect(joined(parse([Buffer.concat(frames.map(encode))]))).toEqual(joined(frames));
      }),
      { numRuns: fuzzRuns(2000) },
    );
  });

  it("gives the same frames however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, cuts) => {
        const whole = Buffer.concat(frames.map(encode));
        expect(joined(parse(cut(whole, cuts)))).toEqual(joined(frames));
      }),
      { numRuns: fuzzRuns(2000) },
    );
  });

  it("gives the same frames byte by byte", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 4 }), (frames) => {
        const single = Array.from(Buffer.concat(frames.map(encode)), (byte) => Buffer.from([byte]));
        expect(joined(parse(single))).toEqual(joined(frames));
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it("hands on a data frame of 16 MiB without holding it", () => {
    const parser = new FrameParser();
    let received = 0;
    let ends = 0;
    const take = (frame: Frame) => {
      if (frame.type !== "data") return;
      received += frame.piece.length;
      if (frame.fin) ends++;
    };
    const chunk = Buffer.alloc(64 * 1024);
    parser.push(dataFrameHeader(1, 0xffffff, true), take);
    for (let left = 0xffffff; left > 0; left -= chunk.length) parser.push(chunk.subarray(0, left), take);
    expect({ received, ends }).toEqual({ received: 0xffffff, ends: 1 });
  });

  it.each([
    ["data on stream 0", Buffer.from([0, 0, 0, 0, 0, 0, 0, 0])],
    ["another version", control(6, 0, [0, 0, 0, 1], 2)],
    ["NOOP", control(5, 0, [])],
    ["CREDENTIAL", control(10, 0, [0, 0, 0, 1])],
    ["an unknown type", control(77, 0, [])],
    ["SYN_STREAM too short", control(1, 0, [0, 0, 0, 1, 0, 0, 0, 0, 0])],
    ["SYN_STREAM for stream 0", control(1, 0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ["SYN_STREAM with an unknown flag", control(1, 4, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0])],
    ["SYN_REPLY for stream 0", control(2, 0, [0, 0, 0, 0])],
    ["RST_STREAM with status 0", control(3, 0, [0, 0, 0, 1, 0, 0, 0, 0])],
    ["RST_STREAM for stream 0", control(3, 0, [0, 0, 0, 0, 0, 0, 0, 5])],
    ["RST_STREAM with flags", control(3, 1, [0, 0, 0, 1, 0, 0, 0, 5])],
    ["RST_STREAM too long", control(3, 0, [0, 0, 0, 1, 0, 0, 0, 5, 0])],
    ["SETTINGS without a count", control(4, 0, [0, 0])],
    ["SETTINGS with fewer entries than it says", control(4, 0, [0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 1])],
    ["PING with id 0", control(6, 0, [0, 0, 0, 0])],
    ["PING with flags", control(6, 1, [0, 0, 0, 1])],
    ["GOAWAY with flags", control(7, 1, [0, 0, 0, 0, 0, 0, 0, 0])],
    ["GOAWAY too short", control(7, 0, [0, 0, 0, 0])],
    ["WINDOW_UPDATE with flags", control(9, 1, [0, 0, 0, 1, 0, 0, 0, 1])],
    ["WINDOW_UPDATE too short", control(9, 0, [0, 0, 0, 1])],
  ])("refuses %s", (_, frame) => {
    expect(() => parse([frame])).toThrow(SpdyProtocolError);
  });

  it("refuses a control frame above the bound from its header alone", () => {
    const header = Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 0]);
    header.writeUIntBE(controlFrameBytesMax + 1, 5, 3);
    expect(() => parse([header])).toThrow(SpdyProtocolError);
  });
});
