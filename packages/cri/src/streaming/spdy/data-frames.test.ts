import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dataFrameBytesMax } from "../limits.ts";
import { dataFrames } from "./data-frames.ts";
import { frameHeaderBytes } from "./frame.ts";
import { FrameParser } from "./frame-parser.ts";

/** Lengths of the frames, from their headers. */
function lengthsOf(bytes: Buffer): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length; at += frameHeaderBytes + (lengths.at(-1) ?? 0))
    lengths.push(bytes.readUIntBE(at + 5, 3));
  return lengths;
}

describe("data frames", () => {
  it("carry what they are made of, in as few frames as the bound allows", () => {
    const size = fc.oneof(fc.nat(100), fc.nat(3 * dataFrameBytesMax));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 8 }), (sizes) => {
        const chunks = sizes.map((bytes, index) => Buffer.alloc(bytes, index + 1));
        const whole = Buffer.concat(chunks);
        const bytes = Buffer.concat(dataFrames(7, chunks));
        const pieces: Buffer[] = [];
        new FrameParser().push(bytes, (frame) => {
          expect(frame).toMatchObject({ type: "data", streamId: 7, fin: false });
          if (frame.type === "data") pieces.push(frame.piece);
        });
        expect(Buffer.concat(pieces).equals(whole)).toBe(true);
        expect(Math.max(0, ...lengthsOf(bytes))).toBeLessThanOrEqual(dataFrameBytesMax);
        expect(lengthsOf(bytes)).toHaveLength(Math.ceil(whole.length / dataFrameBytesMax));
      }),
      { numRuns: 200 },
    );
  });
});
