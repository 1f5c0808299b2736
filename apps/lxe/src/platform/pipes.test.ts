import { once } from "node:events";
import { readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { makePipes, openBothWays, openForReading, openForWriting, removePipes } from "./pipes.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { readingOf } from "./testing/reading-of.ts";

async function fixture() {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "pipe");
  const [reading] = await makePipes([path], { mode: 0o620 });
  if (!reading) throw new Error("no pipe was made");
  return {
    path,
    reading,
    [Symbol.asyncDispose]: async () => {
      await reading[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

it("a pipe has exactly the mode asked for", async () => {
  await using pipe = await fixture();
  expect((await stat(pipe.path)).mode & 0o7777).toBe(0o620);
});

it.skipIf(process.getuid?.() !== 0)("a pipe has the owner asked for (as root)", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "pipe");
  const [end] = await makePipes([path], { mode: 0o600, owner: { uid: 1234, gid: 77 } });
  await end?.[Symbol.asyncDispose]();
  expect(await stat(path)).toMatchObject({ uid: 1234, gid: 77 });
});

it("all pipes are made or none, and what was there before stays", async () => {
  await using directory = await temporaryDirectory();
  const [first, taken, last] = ["first", "taken", "last"].map((name) => join(directory.path, name));
  if (!first || !taken || !last) throw new Error("no paths");
  await writeFile(taken, "");
  await expect(makePipes([first, taken, last], { mode: 0o600 })).rejects.toThrow("mkfifo");
  expect(await readdir(directory.path)).toEqual(["taken"]);
});

it("what is written comes out, and ends when nobody has it open for writing", async () => {
  await using pipe = await fixture();
  const writing = (await openForWriting(pipe.path)).writing();
  const other = await openForWriting(pipe.path);
  writing.end("through the pipe");
  const got = text(readingOf(pipe.reading));
  await once(writing, "close");
  const ended = await Promise.race([got, new Promise((resolve) => setImmediate(() => resolve("not ended")))]);
  expect(ended).toBe("not ended");
  await other[Symbol.asyncDispose]();
  expect(await got).toBe("through the pipe");
});

it("a writer waits for a reader that does not read, and fails when the reader has gone", async () => {
  await using pipe = await fixture();
  const writing = (await openForWriting(pipe.path)).writing();
  const failed = once(writing, "error");
  expect(writing.write(Buffer.alloc(1024 * 1024))).toBe(false);
  await pipe.reading[Symbol.asyncDispose]();
  expect(await failed).toMatchObject([{ code: "EPIPE" }]);
});

it("opening never waits: without a reader, or without the pipe, writing is refused", async () => {
  await using pipe = await fixture();
  await pipe.reading[Symbol.asyncDispose]();
  await expect(openForWriting(pipe.path)).rejects.toMatchObject({ code: "ENXIO" });
  for (const open of [openForReading, openBothWays]) await (await open(pipe.path))[Symbol.asyncDispose]();
  await removePipes([pipe.path, pipe.path]);
  await expect(openForWriting(pipe.path)).rejects.toMatchObject({ code: "ENOENT" });
});

it("neither a file nor a link in a pipe's place is opened", async () => {
  await using pipe = await fixture();
  const directory = join(pipe.path, "..");
  await writeFile(join(directory, "file"), "");
  await symlink(pipe.path, join(directory, "link"));
  await expect(openForWriting(join(directory, "file"))).rejects.toMatchObject({ code: "ENOENT" });
  await expect(openForWriting(join(directory, "link"))).rejects.toMatchObject({ code: "ELOOP" });
});
