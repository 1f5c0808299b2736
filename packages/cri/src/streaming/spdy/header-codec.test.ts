import { createHash } from "node:crypto";
import { constants, createDeflate, createInflate, type Deflate, deflateRawSync, type Inflate } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerBlockBytesMax } from "../limits.ts";
import { fuzzRuns } from "../testing/fuzz-runs.ts";
import { spdyDictionary } from "./dictionary.ts";
import { SpdyProtocolError } from "./frame.ts";
import { encodeHeaderBlock, type SpdyHeaders } from "./header-block.ts";
import { HeaderDecoder, HeaderEncoder } from "./header-codec.ts";

const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const value = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 200,
});
const headers: fc.Arbitrary<SpdyHeaders> = fc
  .array(fc.tuple(name, value), { maxLength: 10 })
  .map((pairs) => new Map(pairs));

/** One piece of a zlib stream, cut by a sync flush, as peers with a streaming zlib make and read it. */
async function through(stream: Deflate | Inflate, input: Buffer): Promise<Buffer> {
  stream.write(input);
  await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
  return (stream.read() as Buffer | null) ?? Buffer.alloc(0);
}

function started(plain: Buffer): Buffer {
  const body = deflateRawSync(plain, { dictionary: spdyDictionary, finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([Buffer.from("78f9e3c6a7c2", "hex"), body]);
}

function one(headerName: string): Buffer {
  return encodeHeaderBlock(new Map([[headerName, "v"]]));
}

describe("the dictionary", () => {
  it("is SPDY/3's, by its checksum", () => {
    expect(spdyDictionary).toHaveLength(1423);
    expect(createHash("sha256").update(spdyDictionary).digest("hex")).toBe(
      "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02",
    );
  });
});

describe("the header codec", () => {
  it("gives back any sequence of blocks, across its window too", () => {
    fc.assert(
      fc.property(fc.array(headers, { maxLength: 40 }), (blocks) => {
        const encoder = new HeaderEncoder();
        const decoder = new HeaderDecoder();
        for (const block of blocks) expect(decoder.decode(encoder.encode(block))).toEqual(block);
      }),
      { numRuns: fuzzRuns(100) },
    );
  });

  it("writes what a streaming zlib reads", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(headers, { maxLength: 40 }), async (blocks) => {
        const encoder = new HeaderEncoder();
        const inflate = createInflate({ dictionary: spdyDictionary });
        for (const block of blocks) {
          expect(await through(inflate, encoder.encode(block))).toEqual(encodeHeaderBlock(block));
        }
      }),
      { numRuns: fuzzRuns(50) },
    );
  });

  it.each([0, 1, 6, 9])("reads what a streaming zlib of level %i writes", async (level) => {
    await fc.assert(
      fc.asyncProperty(fc.array(headers, { maxLength: 40 }), async (blocks) => {
        const decoder = new HeaderDecoder();
        const deflate = createDeflate({ dictionary: spdyDictionary, level });
        for (const block of blocks) {
          expect(decoder.decode(await through(deflate, encodeHeaderBlock(block)))).toEqual(block);
        }
      }),
      { numRuns: fuzzRuns(25) },
    );
  });

  const twice = Buffer.concat([Buffer.from([0, 0, 0, 2]), one("a").subarray(4), one("a").subarray(4)]);
  it.each([
    ["upper case in a name", started(one("Port"))],
    ["an empty name", started(one(""))],
    ["a name twice", started(twice)],
    ["fewer headers than it says", started(Buffer.from([0, 0, 0, 1]))],
    ["a length beyond the block", started(Buffer.from([0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]))],
    ["more headers than allowed", started(Buffer.from([0, 1, 0, 0]))],
    ["bytes behind the headers", started(Buffer.concat([one("a"), Buffer.from([0])]))],
    [
      "bytes behind the compressed block",
      Buffer.concat([started(one("a")).subarray(0, -5), Buffer.from([3, 0, 1, 2, 3])]),
    ],
    ["no zlib header", deflateRawSync(one("a"))],
    ["another dictionary", Buffer.concat([Buffer.from("78f900000001", "hex"), started(one("a")).subarray(6)])],
    ["what is not compressed", Buffer.concat([started(one("a")).subarray(0, 6), Buffer.from("ffffffff", "hex")])],
    ["nothing", Buffer.alloc(0)],
    ["a bomb", started(Buffer.alloc(headerBlockBytesMax + 1))],
    ["a bomb of a gigabyte's kind", started(Buffer.alloc(32 * 1024 * 1024))],
  ])("refuses %s", (_, block) => {
    expect(() => new HeaderDecoder().decode(block)).toThrow(SpdyProtocolError);
  });
});
