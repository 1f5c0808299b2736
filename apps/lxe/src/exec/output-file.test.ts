import { appendFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createManualClock } from "../platform/manual-clock.ts";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { OutputFile } from "./output-file.ts";

async function fixture(maxBytes: number) {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "out");
  const clock = createManualClock();
  const files = createSystemHostFiles();
  const output = await OutputFile.create({ files, clock, path, owner: undefined, maxBytes });
  const dispose = async (): Promise<void> => {
    await output[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  };
  return { path, clock, output, [Symbol.asyncDispose]: dispose };
}

describe("the output of a command", () => {
  it.each([
    { written: "", kept: "" },
    { written: "abc", kept: "abc" },
    { written: "abcdefgh", kept: "abcd" },
  ])("is $kept of $written for 4 bytes at most", async ({ written, kept }) => {
    await using all = await fixture(4);
    await appendFile(all.path, written);
    expect((await all.output.content()).toString()).toBe(kept);
  });

  it.each([16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 300_000])("is all of %d bytes", async (size) => {
    await using all = await fixture(1_000_000);
    const written = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
    await appendFile(all.path, written);
    expect(written.equals(await all.output.content())).toBe(true);
  });

  it("gives back the disk blocks of what is not kept, while it is written", async () => {
    const block = 64 * 1024;
    await using all = await fixture(block);
    await appendFile(all.path, Buffer.alloc(32 * block, "x"));
    all.clock.advance(1000);
    await expect.poll(async () => (await stat(all.path)).blocks * 512).toBeLessThanOrEqual(2 * block);
    expect(await all.output.content()).toEqual(Buffer.alloc(block, "x"));
    await expect.poll(() => all.clock.nextTimerMs()).toBe(1000);
  });

  it("is gone at the end, and no timer goes on", async () => {
    await using all = await fixture(4);
    await all.output[Symbol.asyncDispose]();
    await expect(stat(all.path)).rejects.toThrow("ENOENT");
    expect(all.clock.nextTimerMs()).toBeUndefined();
  });
});
