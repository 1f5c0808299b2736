import { stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { processesOf } from "./testing/processes-of.ts";
import { holdOpen, letGo } from "./hold-pipe.ts";
import { makePipes, openForWriting } from "./pipes.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { readingOf } from "./testing/reading-of.ts";

async function fixture() {
  const directory = await temporaryDirectory();
  const [path, until] = [join(directory.path, "pipe"), join(directory.path, "until")];
  const [reading, waiting] = await makePipes([path, until], { mode: 0o600 });
  await waiting?.[Symbol.asyncDispose]();
  if (!reading) throw new Error("no pipe was made");
  return {
    path,
    until,
    reading,
    hold: async () => {
      await using end = await openForWriting(path);
      await holdOpen(end, until);
    },
    [Symbol.asyncDispose]: async () => {
      await letGo(until);
      await directory[Symbol.asyncDispose]();
    },
  };
}

it("a pipe stays open, through a process that is none of ours to wait for, until it is let go", async () => {
  await using pipe = await fixture();
  await pipe.hold();
  const read = text(readingOf(pipe.reading));
  await expect.poll(() => processesOf(pipe.until)).toHaveLength(1);
  (await openForWriting(pipe.path)).writing().end("from a client");
  await letGo(pipe.until);
  expect(await read).toBe("from a client");
  await expect.poll(() => processesOf(pipe.until)).toEqual([]);
  await expect(stat(pipe.until)).rejects.toMatchObject({ code: "ENOENT" });
});

it("letting go ends one that has only been started, and all that were", async () => {
  await using pipe = await fixture();
  await Promise.all([pipe.hold(), pipe.hold()]);
  await letGo(pipe.until);
  expect(await text(readingOf(pipe.reading))).toBe("");
  await expect.poll(() => processesOf(pipe.until)).toEqual([]);
});

it("letting go of what nobody holds does nothing", async () => {
  await using pipe = await fixture();
  for (let times = 0; times < 2; times++) await expect(letGo(pipe.until)).resolves.toBeUndefined();
  await pipe.reading[Symbol.asyncDispose]();
});
