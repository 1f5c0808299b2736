import { mkdir, readdir, readFile, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { createSystemHostFiles } from "./system-host-files.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const files = createSystemHostFiles();
const isRoot = process.geteuid?.() === 0;

describe("makeDirectory", () => {
  test("gives exactly the mode asked for, to the last part only", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "a", "b");
    await files.makeDirectory(path, 0o1777);
    expect((await files.stat(path))?.mode).toBe(0o1777);
    expect((await files.stat(join(directory.path, "a")))?.mode).toBe(0o755);
    await files.makeDirectory(path, 0o700);
    expect((await files.stat(path))?.mode).toBe(0o1777);
  });
});

describe("writeFile", () => {
  test("replaces content and mode, and leaves nothing else behind", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "file");
    await files.writeFile(path, "one");
    expect((await files.stat(path))?.mode).toBe(0o600);
    await files.writeFile(path, Buffer.from("two"), { mode: 0o755, sync: true });
    expect(await readFile(path, "utf8")).toBe("two");
    expect((await files.stat(path))?.mode).toBe(0o755);
    expect(await readdir(directory.path)).toEqual(["file"]);
  });

  test("keeps the old content when it fails, and leaves nothing behind", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "taken");
    await mkdir(path);
    await expect(files.writeFile(path, "x")).rejects.toThrow("EISDIR");
    expect(await readdir(directory.path)).toEqual(["taken"]);
  });

  test.runIf(isRoot)("gives the file to its owner", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "file");
    await files.writeFile(path, "x", { owner: { uid: 1234, gid: 2345 }, mode: 0o4755 });
    expect(await files.stat(path)).toMatchObject({ uid: 1234, gid: 2345, mode: 0o4755 });
  });
});

describe("a new file", () => {
  test("has the content and the mode asked for, and its name alone", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "file");
    await files.writeNewFile(path, Buffer.from("one"), { mode: 0o777 });
    expect(await readFile(path, "utf8")).toBe("one");
    expect((await files.stat(path))?.mode).toBe(0o777);
    expect(await readdir(directory.path)).toEqual(["file"]);
  });

  test("takes no place that is taken, by whatever", async () => {
    await using directory = await temporaryDirectory();
    const [path, link] = [join(directory.path, "file"), join(directory.path, "link")];
    await writeFile(path, "old");
    await symlink(join(directory.path, "elsewhere"), link);
    for (const taken of [path, link]) {
      await expect(files.writeNewFile(taken, Buffer.from("new"), { mode: 0o600 })).rejects.toThrow("EEXIST");
      await expect(files.openNewForAppending(taken, { mode: 0o600 })).rejects.toThrow("EEXIST");
    }
    expect(await readFile(path, "utf8")).toBe("old");
    expect((await readdir(directory.path)).toSorted()).toEqual(["file", "link"]);
  });

  test.runIf(isRoot)("belongs to its owner", async () => {
    await using directory = await temporaryDirectory();
    const [written, open] = [join(directory.path, "written"), join(directory.path, "open")];
    const options = { mode: 0o600, owner: { uid: 1234, gid: 2345 } };
    await files.writeNewFile(written, Buffer.from("x"), options);
    const file = await files.openNewForAppending(open, options);
    await file.close();
    for (const path of [written, open])
      expect(await files.stat(path)).toMatchObject({ uid: 1234, gid: 2345, mode: 0o600 });
  });
});

describe("what is missing", () => {
  test("is undefined, empty or fine", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "nothing");
    expect(await files.readFile(path)).toBeUndefined();
    expect(await files.stat(path)).toBeUndefined();
    expect(await files.list(path)).toEqual([]);
    expect(await files.openForReading(path)).toBeUndefined();
    expect(await files.openExistingForAppending(path)).toBeUndefined();
    await files.removeTree(path);
    await files.removeFile(path);
    await files.unmount(path);
  });
});

describe("removeTree", () => {
  test("removes all below, but nothing behind links", async () => {
    await using directory = await temporaryDirectory();
    const outside = join(directory.path, "outside");
    const tree = join(directory.path, "tree");
    await mkdir(join(tree, "deep"), { recursive: true });
    await writeFile(outside, "x");
    await symlink(directory.path, join(tree, "deep", "link"));
    await files.removeTree(tree);
    expect(await files.list(directory.path)).toEqual(["outside"]);
  });
});

describe("open files", () => {
  test("appending goes to the end, whoever wrote there", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "log");
    const file = await files.openForAppending(path, 0o640);
    expect((await file.stat()).mode).toBe(0o640);
    await file.write(Buffer.from("one "));
    const other = await files.openForAppending(path, 0o600);
    await other.write(Buffer.from("two "));
    await file.write(Buffer.from("three"));
    const buffer = Buffer.alloc(7);
    expect(await file.read(buffer, 4)).toBe(7);
    expect(buffer.toString()).toBe("two thr");
    expect(file.readNow(buffer, 8)).toBe(5);
    expect(buffer.toString("utf8", 0, 5)).toBe("three");
    expect(file.readNow(buffer, 13)).toBe(0);
    await file.truncate(3);
    await Promise.all([file.close(), other.close()]);
    expect(await readFile(path, "utf8")).toBe("one");
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  test("a removed file has no links", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "log");
    const file = await files.openForAppending(path, 0o600);
    expect((await file.stat()).links).toBe(1);
    await unlink(path);
    expect((await file.stat()).links).toBe(0);
    await file.close();
  });

  test("a punched hole frees its blocks, reads as zeros and keeps the size, also if the name is gone", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "data");
    await writeFile(path, Buffer.alloc(1 << 20, "x"));
    const file = await files.openForReading(path);
    await unlink(path);
    await file?.punchHole(0, 1 << 19);
    const info = await file?.stat();
    const buffer = Buffer.alloc(2);
    await file?.read(buffer, (1 << 19) - 1);
    await file?.close();
    expect(info?.sizeBytes).toBe(1 << 20);
    expect(info?.allocatedBytes).toBeLessThanOrEqual((1 << 19) + 4096);
    expect(buffer.toString()).toBe("\0x");
  });

  test("links, directories and devices are not opened for reading", async () => {
    await using directory = await temporaryDirectory();
    await symlink("/etc/hostname", join(directory.path, "link"));
    expect(await files.openForReading(join(directory.path, "link"))).toBeUndefined();
    expect(await files.openForReading(directory.path)).toBeUndefined();
    expect(await files.openForReading("/dev/zero")).toBeUndefined();
  });
});

describe("watch", () => {
  test("names the file that changed, until it is closed", async () => {
    await using directory = await temporaryDirectory();
    const names = new Set<string | undefined>();
    const watch = files.watch(directory.path, (name) => names.add(name));
    await writeFile(join(directory.path, "file"), "x");
    await vi.waitFor(() => expect([...names]).toEqual(["file"]));
    watch.close();
  });
});

describe("mounts", () => {
  test.runIf(isRoot)("a tmpfs has its size and mode, and is gone after unmount", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "s h m");
    await mkdir(path);
    expect(await files.isMountPoint(path)).toBe(false);
    expect(await files.mountTmpfs(path, { sizeBytes: 1 << 20, mode: 0o1777 })).toBe(true);
    try {
      expect(await files.isMountPoint(path)).toBe(true);
      expect((await files.stat(path))?.mode).toBe(0o1777);
      await expect(writeFile(join(path, "big"), Buffer.alloc(1 << 21))).rejects.toThrow("ENOSPC");
    } finally {
      await files.unmount(path);
    }
    expect(await files.isMountPoint(path)).toBe(false);
    await files.unmount(path);
  });
});
