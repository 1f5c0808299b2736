import { expect, it } from "vitest";
import { createLogger } from "../../platform/logger.ts";
import { createManualClock } from "../../platform/manual-clock.ts";
import { createProgress } from "./progress.ts";

async function* chunks(...sizes: readonly number[]) {
  for (const size of sizes) yield Buffer.alloc(size);
}

async function counted(source: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of source) bytes += chunk.length;
  return bytes;
}

it("a pull that takes long says how far it is, of all layers together, until it ends", async () => {
  const clock = createManualClock();
  const lines: unknown[] = [];
  const log = createLogger({ level: "info", format: "json" }, { write: (line) => void lines.push(JSON.parse(line)) });
  {
    using progress = createProgress({ clock, log }, { image: "app" }, 100, 10_000);
    expect(await counted(progress.count(chunks(10, 20)))).toBe(30);
    clock.advance(9_999);
    expect(lines).toEqual([]);
    clock.advance(1);
    expect(await counted(progress.count(chunks(40)))).toBe(40);
    clock.advance(10_000);
  }
  clock.advance(60_000);
  expect(lines).toMatchObject([30, 70].map((receivedBytes) => ({ image: "app", receivedBytes, totalBytes: 100 })));
});
