import { promisify } from "node:util";
import { gzip, zstdCompress } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidImageError } from "../errors.ts";
import { unpack } from "./decompress.ts";

const never = new AbortController().signal;
const packers = {
  gzip: promisify(gzip),
  zstd: promisify(zstdCompress),
  plain: (bytes: Uint8Array) => Promise.resolve(bytes),
};
const kinds = ["gzip", "zstd", "plain"] as const;

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function unpacked(source: AsyncIterable<Uint8Array>, signal = never): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  await unpack(
    () => source,
    "the layer",
    async (bytes) => {
      for await (const chunk of bytes) parts.push(chunk);
    },
    signal,
  );
  return Buffer.concat(parts);
}

describe.each(kinds)("%s", (kind) => {
  it("is unpacked to what it was, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 500 }), async (content, size) => {
        const given = Buffer.concat([Buffer.from("tar"), content]);
        expect(await unpacked(inChunks(await packers[kind](given), size))).toEqual(given);
      }),
    );
  });

  it("passes on what its source and its consumer fail with", async () => {
    const packed = await packers[kind](Buffer.alloc(100_000, 1));
    async function* failing() {
      yield packed.subarray(0, packed.length - 5);
      throw new RangeError("of the source");
    }
    await expect(unpacked(failing())).rejects.toThrow(RangeError);
    const consumer = unpack(
      () => inChunks(packed, 10),
      "x",
      () => Promise.reject(new RangeError("of the consumer")),
      never,
    );
    await expect(consumer).rejects.toThrow(RangeError);
  });
});

describe("several packed pieces in a row", () => {
  it.each(["gzip", "zstd"] as const)("of %s are one", async (kind) => {
    const pieces = await Promise.all(["one, ", "two"].map((text) => packers[kind](Buffer.from(text))));
    expect((await unpacked(inChunks(Buffer.concat(pieces), 7))).toString()).toBe("one, two");
  });
});

describe("damaged data", () => {
  it("is refused", async () => {
    const packed = await packers.gzip(Buffer.from("some text that is long enough"));
    const changed = Buffer.concat([packed.subarray(0, 12), Buffer.alloc(4, 0xff), packed.subarray(16)]);
    const noZstd = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(100, 0xff)]);
    for (const bytes of [packed.subarray(0, -6), changed, noZstd]) {
      await expect(unpacked(inChunks(bytes, 1000))).rejects.toThrow(InvalidImageError);
      await expect(unpacked(inChunks(bytes, 1000))).rejects.toThrow("the layer cannot be unpacked");
    }
  });

  it("behind the end is refused, and waited for by nobody", async () => {
    const packed = Buffer.concat([await packers.gzip(Buffer.from("text")), Buffer.alloc(2_000_000, 1)]);
    await expect(unpacked(inChunks(packed, 60_000))).rejects.toThrow("the layer cannot be unpacked");
  });
});

/** Gives the bytes, then waits until it is told that they are of no use. */
function waiting(bytes: Uint8Array) {
  return async function* source(signal: AbortSignal) {
    yield bytes;
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  };
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) expect(chunk.length).toBeGreaterThan(0);
}

async function failOnBytes(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) if (chunk.length > 0) throw new RangeError("too much");
}

describe("a source that waits for more", () => {
  it.each(kinds)("is told when the consumer fails, for %s", async (kind) => {
    const packed = await packers[kind](Buffer.alloc(1_000_000, "tar"));
    await expect(unpack(waiting(packed), "x", failOnBytes, never)).rejects.toThrow(RangeError);
  });

  it("is told when the data are damaged", async () => {
    const damaged = Buffer.concat([await packers.gzip(Buffer.from("text")), Buffer.alloc(100, 1)]);
    await expect(unpack(waiting(damaged), "the layer", drain, never)).rejects.toThrow("the layer cannot be unpacked");
  });
});

describe("aborting", () => {
  it("ends an endless source", async () => {
    const controller = new AbortController();
    const packed = await packers.gzip(Buffer.alloc(1000));
    let returned = false;
    async function* endless() {
      try {
        for (;;) {
          yield packed;
          if (!controller.signal.aborted) controller.abort(new RangeError("enough"));
        }
      } finally {
        returned = true;
      }
    }
    await expect(unpacked(endless(), controller.signal)).rejects.toThrow("aborted");
    await expect.poll(() => returned).toBe(true);
  });
});
