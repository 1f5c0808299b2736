import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resizeBytesMax } from "./limits.ts";
import { terminalSizes } from "./resize.ts";
import type { TerminalSize } from "./session.ts";
import { until } from "./testing/until.ts";

async function sizesOf(chunks: readonly string[]): Promise<TerminalSize[]> {
  const source = new PassThrough();
  const taken: TerminalSize[] = [];
  const done = (async () => {
    for await (const size of terminalSizes(source)) taken.push(size);
  })();
  for (const chunk of chunks) {
    source.write(chunk);
    await until(() => source.readableLength === 0 && source.writableLength === 0);
  }
  source.end();
  await done;
  return taken;
}

describe("terminal sizes", () => {
  it("arrive one by one, whatever stands between them", async () => {
    await expect(sizesOf(['{"Width":80,"Height":24}\n', '\n {"Height":50,"Width":100}'])).resolves.toEqual([
      { width: 80, height: 24 },
      { width: 100, height: 50 },
    ]);
  });

  it("arrive though cut anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 6 }), async (cuts) => {
        const whole = '{"Width":65535,"Height":1}\n';
        const ends = [...cuts.map((at) => at % whole.length), whole.length].toSorted((a, b) => a - b);
        const chunks = ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end)).filter((chunk) => chunk !== "");
        expect(await sizesOf(chunks)).toEqual([{ width: 65_535, height: 1 }]);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    '{"Width":0,"Height":24}',
    '{"Width":80}',
    '{"Width":-1,"Height":2}',
    '{"Width":70000,"Height":2}',
    "{nonsense}",
    "}",
  ])("skip %s", async (nonsense) => {
    await expect(sizesOf([nonsense, '{"Width":1,"Height":2}'])).resolves.toEqual([{ width: 1, height: 2 }]);
  });

  it("are only the latest for a slow reader", async () => {
    const source = new PassThrough();
    const sizes = terminalSizes(source);
    for (let width = 1; width <= 1000; width++) source.write(JSON.stringify({ Width: width, Height: 1 }));
    source.end();
    await until(() => source.readableEnded);
    const taken: TerminalSize[] = [];
    for await (const size of sizes) taken.push(size);
    expect(taken).toEqual([{ width: 1000, height: 1 }]);
  });

  it("are read on after a flood of nonsense", async () => {
    const flood = Array.from({ length: 100 }, () => "{".repeat(resizeBytesMax));
    await expect(sizesOf([...flood, "}", '{"Width":1,"Height":2}'])).resolves.toEqual([{ width: 1, height: 2 }]);
  });
});
