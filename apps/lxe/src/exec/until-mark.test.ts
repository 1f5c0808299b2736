import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UntilMark } from "./until-mark.ts";

const MARK = Buffer.from("\0\0ab");
/** Bytes among which the mark's are frequent. */
const bytes = fc.array(fc.constantFrom(0, 0x61, 0x62, 0x63), { maxLength: 12 }).map((list) => Buffer.from(list));

async function through(chunks: readonly Buffer[]): Promise<{ text: string; seen: boolean }> {
  const stream = new UntilMark(MARK);
  const got: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => got.push(chunk));
  const ended = once(stream, "end");
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await ended;
  return { text: Buffer.concat(got).toString("latin1"), seen: stream.seen };
}

describe("UntilMark", () => {
  it("gives what comes before the first mark, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { maxLength: 6 }), async (chunks) => {
        const all = Buffer.concat(chunks);
        const at = all.indexOf(MARK);
        const expected = { text: all.subarray(0, at < 0 ? all.length : at).toString("latin1"), seen: at >= 0 };
        expect(await through(chunks)).toEqual(expected);
      }),
    );
  });

  it("holds back nothing but what may be the mark", async () => {
    const stream = new UntilMark(MARK);
    stream.write(Buffer.from("abc\0"));
    expect(stream.read()).toEqual(Buffer.from("abc"));
    stream.write(Buffer.from("c"));
    expect(stream.read()).toEqual(Buffer.from("\0c"));
  });
});
