import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { packTar } from "modern-tar";
import { describe, expect, it } from "vitest";
import { InvalidImageError } from "../errors.ts";
import { paddingOf, type TarEntry } from "./entry.ts";
import { createTarScanner, type ScannedEntry } from "./scanner.ts";
import { archiveEnd, entryHeader } from "./writer.ts";

const META_BYTES_MAX = 64 * 1024;

/** Scans in chunks of the given sizes, over and over. */
function scan(archive: Uint8Array, chunkBytes: readonly number[] = [archive.length || 1]): ScannedEntry[] {
  const entries: ScannedEntry[] = [];
  const scanner = createTarScanner({ metaBytesMax: META_BYTES_MAX, onEntry: (entry) => entries.push(entry) });
  for (let from = 0, turn = 0; from < archive.length; turn += 1) {
    const size = chunkBytes[turn % chunkBytes.length] ?? 1;
    scanner.push(archive.subarray(from, from + size));
    from += size;
  }
  scanner.end();
  return entries;
}

function refusalOf(bytes: Uint8Array): unknown {
  try {
    scan(bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

function archive(files: readonly { readonly entry: TarEntry; readonly content: Uint8Array }[]): Buffer {
  const parts = files.flatMap(({ entry, content }) => [
    entryHeader(entry),
    content,
    Buffer.alloc(paddingOf(content.length)),
  ]);
  return Buffer.concat([...parts, archiveEnd()]);
}

function entry(changes: Partial<TarEntry> = {}): TarEntry {
  return {
    kind: "file",
    name: "a",
    linkname: "",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtimeS: 1_700_000_000,
    size: 0,
    devMajor: 0,
    devMinor: 0,
    xattrs: undefined,
    ...changes,
  };
}

const byteText = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const nameText = byteText.map((text) => `n${text.replaceAll(/[\0/]/gu, "_")}`);
const anyFile = fc
  .record({
    name: nameText,
    mode: fc.nat(0o7777),
    uid: fc.nat(2 ** 31 - 1),
    gid: fc.nat(2 ** 31 - 1),
    mtimeS: fc.nat(2 ** 40),
    content: fc.uint8Array({ maxLength: 1500 }),
    xattrs: fc.option(fc.dictionary(fc.stringMatching(/^user\.[a-z]{1,9}$/u), byteText, { minKeys: 1 }), {
      nil: undefined,
    }),
  })
  .map(({ content, xattrs, ...rest }) => ({
    content,
    entry: entry({ ...rest, size: content.length, xattrs: xattrs && new Map(Object.entries(xattrs)) }),
  }));
const otherEntry = fc
  .record({
    kind: fc.constantFrom(
      "directory" as const,
      "symlink" as const,
      "hardlink" as const,
      "char" as const,
      "fifo" as const,
    ),
    name: nameText,
    linkname: nameText,
    devMajor: fc.nat(4095),
    devMinor: fc.nat(0o7777777),
  })
  .map((changes) => ({ entry: entry(changes), content: Buffer.alloc(0) }));

describe("an archive that was written", () => {
  it("reads as the same entries at the places of their contents, however it is cut", () => {
    const chunkBytes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.oneof(anyFile, otherEntry), { maxLength: 6 }), chunkBytes, (files, chunkBytes) => {
        const bytes = archive(files);
        const found = scan(bytes, chunkBytes);
        expect(found).toEqual(files.map(({ entry }, index) => ({ ...entry, offset: found[index]?.offset })));
        for (const [index, { content }] of files.entries()) {
          const { offset = 0, size = 0 } = found[index] ?? {};
          expect(bytes.subarray(offset, offset + size)).toEqual(Buffer.from(content));
        }
      }),
    );
  });

  it("is one that GNU tar lists", () => {
    const name = `${"d".repeat(120)}/file`;
    const bytes = archive([
      { entry: entry({ kind: "directory", name: `${"d".repeat(120)}/`, mode: 0o1777 }), content: Buffer.alloc(0) },
      {
        entry: entry({ name, size: 3, mode: 0o4755, uid: 3_000_000, xattrs: new Map([["user.a", "\x00\x80\xff\n"]]) }),
        content: Buffer.from("abc"),
      },
      { entry: entry({ kind: "hardlink", name: "h", linkname: name }), content: Buffer.alloc(0) },
      { entry: entry({ kind: "char", name: "c", devMajor: 1, devMinor: 3 }), content: Buffer.alloc(0) },
    ]);
    const listing = execFileSync("tar", ["--numeric-owner", "--xattrs", "-tvvf", "-"], { input: bytes }).toString();
    expect(listing).toMatch(/drwxrwxrwt\s+0\/0/u);
    expect(listing).toMatch(/-rwsr-xr-x\*? 3000000\/0 +3 .*file/u);
    expect(listing).toContain(`link to ${name}`);
    expect(listing).toMatch(/crw-r--r--\s+0\/0 +1,3/u);
    expect(listing).toContain("4 user.a");
  });
});

describe("an archive of another writer", () => {
  it("is read: prefixes, GNU's long names and links, PAX", async () => {
    const long = Array.from({ length: 12 }, (_, part) => `part-${part}-of-a-long-name`).join("/");
    const packed = await packTar([
      { header: { name: "p".repeat(90) + "/" + "q".repeat(90), type: "file", size: 2, mode: 0o600 }, body: "hi" },
      { header: { name: long, type: "symlink", size: 0, linkname: long } },
    ]);
    expect(scan(packed)).toMatchObject([
      { name: `${"p".repeat(90)}/${"q".repeat(90)}`, size: 2, mode: 0o600 },
      { name: long, linkname: long, kind: "symlink" },
    ]);
    const gnu = execFileSync("sh", [
      "-c",
      `cd "$(mktemp -d)" && mkdir -p ${long} && ln -s ${long} l && touch ${long}/x && tar --format=gnu -cf - l ${long}/x`,
    ]);
    expect(scan(gnu, [1000])).toMatchObject([{ name: "l", kind: "symlink", linkname: long }, { name: `${long}/x` }]);
  });

  it("may lack its end and the padding before it, but not a part of an entry", () => {
    const whole = archive([{ entry: entry({ size: 600 }), content: Buffer.alloc(600) }]);
    expect(scan(whole.subarray(0, -1024))).toHaveLength(1);
    expect(scan(whole.subarray(0, 512 + 600))).toHaveLength(1);
    expect(scan(Buffer.alloc(0))).toEqual([]);
    for (const bytes of [100, 513, 1000, 512 + 599]) expect(() => scan(whole.subarray(0, bytes))).toThrow("truncated");
  });

  it("has directories by a slash, numbers beyond octal, and content only in files", () => {
    const header = entryHeader(entry({ name: "old/", size: 0 }));
    expect(scan(Buffer.concat([header, archiveEnd()]))).toMatchObject([{ kind: "directory" }]);
    const link = entryHeader(entry({ kind: "hardlink", linkname: "b", size: 700 }));
    expect(scan(Buffer.concat([link, archiveEnd()]))).toMatchObject([{ kind: "hardlink", size: 0 }]);
  });
});

describe("a broken archive", () => {
  it.each([
    ["text", Buffer.from("no tar at all".repeat(60)), "broken header"],
    [
      "an extended header that is too long",
      entryHeader(entry({ xattrs: new Map([["user.a", "x".repeat(META_BYTES_MAX)]]) })),
      "extended header of",
    ],
  ])("is refused: %s", (_, bytes, reason) => {
    expect(() => scan(bytes)).toThrow(InvalidImageError);
    expect(() => scan(bytes)).toThrow(reason);
  });

  it("never leads to anything but an error of the image, whatever its bytes", () => {
    const good = archive([
      {
        entry: entry({ name: "n".repeat(200), size: 5, xattrs: new Map([["user.a", "b"]]) }),
        content: Buffer.alloc(5),
      },
    ]);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 5 }), (changes) => {
        const bytes = Buffer.from(good);
        for (const [position, value] of changes) bytes[position] = value;
        const refusal = refusalOf(bytes);
        expect(refusal === undefined || refusal instanceof InvalidImageError).toBe(true);
      }),
    );
  });
});
