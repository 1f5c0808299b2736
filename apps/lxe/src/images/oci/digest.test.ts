import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkBytes, digestOf, isDigest, verified } from "./digest.ts";
import { InvalidImageError } from "./errors.ts";

async function collect(chunks: readonly Uint8Array[], digest: string, size: number | undefined): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  async function* source() {
    yield* chunks;
  }
  for await (const chunk of verified(source(), { digest, size, what: "the layer" })) parts.push(chunk);
  return Buffer.concat(parts);
}

const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 6 });

describe("content that is what it was said to be", () => {
  it.each(["sha256", "sha384", "sha512"])("passes unchanged, by %s", async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(chunks, async (given) => {
        const whole = Buffer.concat(given);
        const digest = `${algorithm}:${createHash(algorithm).update(whole).digest("hex")}`;
        expect(await collect(given, digest, whole.length)).toEqual(whole);
        expect(await collect(given, digest, undefined)).toEqual(whole);
        checkBytes(whole, { digest, size: whole.length, what: "it" });
      }),
    );
  });
});

describe("content that is something else", () => {
  const whole = Buffer.from("what was meant");
  it.each([
    ["what was meanT", "should be sha256:"],
    ["what was", "truncated: 8 bytes"],
    ["what was meant, and more", "longer"],
  ])("%s is refused: %s", async (text, reason) => {
    const expected = { digest: digestOf(whole), size: whole.length, what: "the layer" };
    await expect(collect([Buffer.from(text)], expected.digest, expected.size)).rejects.toThrow(reason);
    expect(() => checkBytes(Buffer.from(text), expected)).toThrow(InvalidImageError);
  });

  it("is not read further than its size", async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield Buffer.alloc(10);
      }
    }
    const stream = verified(endless(), { digest: digestOf(whole), size: 25, what: "the layer" });
    const readAll = async () => {
      for await (const chunk of stream) expect(chunk.length).toBe(10);
    };
    await expect(readAll()).rejects.toThrow("longer");
    expect(read).toBe(3);
  });
});

describe("a digest that cannot be verified", () => {
  it.each(["md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:12", `sha256:${"A".repeat(64)}`, "sha256", ""])(
    "%s is refused",
    (digest) => {
      expect(isDigest(digest)).toBe(false);
      expect(() => checkBytes(Buffer.alloc(0), { digest, size: 0, what: "it" })).toThrow("cannot be verified");
    },
  );
});
