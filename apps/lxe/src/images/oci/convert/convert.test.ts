/** Layers → the tar archive of a root file system, and what GNU tar, which LXD uses, makes of it. */
import { execFileSync } from "node:child_process";
import { lstat, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createSeededRandom } from "../../../platform/random.ts";
import { createSystemHostFiles } from "../../../platform/system-host-files.ts";
import { temporaryDirectory } from "../../../platform/testing/temporary-directory.ts";
import { InvalidImageError } from "../errors.ts";
import { OCI_LIMITS } from "../limits.ts";
import { createTarScanner, type ScannedEntry } from "../tar/scanner.ts";
import { layerOf, type TestFile, type TestLayer } from "../testing/layers.ts";
import { createBudget } from "./budget.ts";
import { imageTar } from "./image-tar.ts";
import { imageUsers } from "./image-users.ts";
import { storeLayer } from "./layer.ts";
import { createLayerReader } from "./layer-reader.ts";
import { mergeLayers } from "./merge.ts";
import { metadataEntry } from "./metadata.ts";

const never = new AbortController().signal;
const files = createSystemHostFiles();
const LINKS = ["/var/run", "/etc/hosts", "/etc/resolv.conf"];

const METADATA = metadataEntry({ architecture: "x86_64", createdS: 0, properties: { serial: "1" } });

async function* inChunks(bytes: Uint8Array, size = 1000) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function convert(directory: string, layers: readonly TestLayer[], limits = OCI_LIMITS, volumes: string[] = []) {
  const budget = createBudget(limits);
  const stored = [];
  for (const [position, { bytes, diffId }] of layers.entries()) {
    const source = { content: () => inChunks(bytes), diffId, what: `layer ${position}` };
    stored.push(await storeLayer({ files, limits, budget }, source, join(directory, String(position)), never));
  }
  const tree = await mergeLayers({ files, random: createSeededRandom(1), limits }, stored, volumes, never);
  await using reader = createLayerReader(files, stored);
  const chunks: Uint8Array[] = [];
  for await (const chunk of imageTar(METADATA, tree, reader)) chunks.push(chunk);
  return { archive: Buffer.concat(chunks), users: await imageUsers(tree, reader, LINKS) };
}

/** The tree as LXD would have it on its disk. */
async function unpacked(layers: readonly TestLayer[], volumes: string[] = []) {
  const directory = await temporaryDirectory();
  const image = join(directory.path, "image");
  await files.makeDirectory(image);
  const { archive, users } = await convert(directory.path, layers, OCI_LIMITS, volumes);
  execFileSync(
    "tar",
    ["-C", image, "--restrict", "--force-local", "--numeric-owner", "--xattrs-include=*", "-xf", "-"],
    {
      input: archive,
    },
  );
  return { root: join(image, "rootfs"), users, archive, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

function layer(...entries: TestFile[]): TestLayer {
  return layerOf(entries);
}

describe("a converted image", () => {
  const big = Buffer.alloc(3_000_000, "0123456789");
  const longName = `${"deep/".repeat(30)}${"long".repeat(30)}`;
  const lower = layerOf(
    [
      { kind: "directory", name: "etc/", mode: 0o755 },
      { name: "etc/passwd", content: "root:x:0:0:::\n" },
      { name: "etc/group", content: "root:x:0:\n" },
      { kind: "symlink", name: "etc/hosts", linkname: "../run/hosts" },
      { kind: "symlink", name: "var/run", linkname: "/run" },
      { name: "bin/su", content: "su", mode: 0o4755 },
      { name: "bin/a", content: "shared" },
      { kind: "hardlink", name: "bin/b", linkname: "bin/a" },
      { name: "gone", content: "x" },
      { name: longName, content: "far away" },
      { name: "caf\u00e9-\xff", content: "bytes" },
    ],
    "zstd",
  );
  const upper = layer(
    { name: ".wh.gone" },
    { name: "etc/passwd", content: "app:x:7:8::/srv:\n" },
    { name: "bin/a", content: "replaced" },
    { name: "big", content: big, uid: 1234, gid: 4321, xattrs: new Map([["user.mark", "\x01\x80\xff"]]) },
    { kind: "fifo", name: "pipe", mode: 0o600 },
  );

  it("has what the uppermost layers say, with owners, modes, links and attributes", async () => {
    await using image = await unpacked([lower, upper, layerOf([{ name: "plain" }], "plain")], ["/data/v"]);
    const path = (name: string) => join(image.root, name);
    expect(await readFile(path("bin/a"), "utf8")).toBe("replaced");
    expect(await readFile(path("bin/b"), "utf8")).toBe("shared");
    expect(await readFile(path(longName), "utf8")).toBe("far away");
    expect(await readFile(path("big"))).toEqual(big);
    expect((await stat(path("bin/su"))).mode & 0o7777).toBe(0o4755);
    expect(await readlink(path("var/run"))).toBe("/run");
    expect((await lstat(path("pipe"))).isFIFO()).toBe(true);
    const odd = Buffer.concat([Buffer.from(`${image.root}/`), Buffer.from("caf\u00e9-\xff", "latin1")]);
    expect((await readFile(odd)).toString()).toBe("bytes");
    await expect(lstat(path("gone"))).rejects.toThrow("ENOENT");
    expect((await stat(path("data/v"))).isDirectory()).toBe(true);
  });

  it("keeps extended attributes byte for byte", async () => {
    await using image = await unpacked([lower, upper]);
    const again = execFileSync("tar", ["-C", image.root, "--xattrs", "--format=posix", "-cf", "-", "bin/a", "big"], {
      maxBuffer: 10_000_000,
    });
    const found: ScannedEntry[] = [];
    const scanner = createTarScanner({ metaBytesMax: 10_000, onEntry: (entry) => found.push(entry) });
    scanner.push(again);
    expect(found.map(({ name, xattrs }) => [name, xattrs?.get("user.mark")])).toEqual([
      ["bin/a", undefined],
      ["big", "\x01\x80\xff"],
    ]);
  });

  it("keeps devices", async () => {
    await using directory = await temporaryDirectory();
    const device: TestFile = { kind: "block", name: "dev/sda", devMajor: 8, devMinor: 300, mode: 0o660, gid: 6 };
    const { archive } = await convert(directory.path, [layer(device)]);
    const found: ScannedEntry[] = [];
    createTarScanner({ metaBytesMax: 0, onEntry: (entry) => found.push(entry) }).push(archive);
    const { kind, devMajor, devMinor, mode, gid } = device;
    expect(found).toContainEqual(
      expect.objectContaining({ name: "rootfs/dev/sda", kind, devMajor, devMinor, mode, gid }),
    );
  });

  it.runIf(process.getuid?.() === 0)("keeps owners", async () => {
    await using image = await unpacked([lower, upper]);
    expect(await stat(join(image.root, "big"))).toMatchObject({ uid: 1234, gid: 4321 });
  });

  it("has hard links that are one file", async () => {
    await using image = await unpacked([lower]);
    const [a, b] = await Promise.all(["bin/a", "bin/b"].map((name) => stat(join(image.root, name))));
    expect(a?.ino).toBe(b?.ino);
  });

  it("has mount points for a read-only root, also where links are in the way", async () => {
    await using image = await unpacked([lower]);
    const kinds = ["dev", "proc", "sys", "run", "tmp", ".lxe", "dev/shm"];
    for (const name of kinds) expect((await lstat(join(image.root, name))).isDirectory()).toBe(true);
    expect((await lstat(join(image.root, "etc/resolv.conf"))).isFile()).toBe(true);
    expect((await lstat(join(image.root, "etc/hosts"))).isSymbolicLink()).toBe(true);
    expect((await stat(join(image.root, "tmp"))).mode & 0o7777).toBe(0o1777);
  });

  it("tells its users and links", async () => {
    await using image = await unpacked([lower, upper]);
    expect(image.users).toEqual({
      passwd: "app:x:7:8::/srv:\n",
      group: "root:x:0:\n",
      links: { "/var/run": "/run", "/etc/hosts": "/run/hosts" },
    });
  });

  it("is the same bytes each time", async () => {
    await using one = await unpacked([lower, upper]);
    await using other = await unpacked([lower, upper]);
    expect(one.archive.equals(other.archive)).toBe(true);
  });

  it("may have no layers and no files at all", async () => {
    await using image = await unpacked([]);
    expect(image.users).toEqual({ passwd: "", group: "", links: {} });
  });
});

describe("a hostile layer", () => {
  const small = { ...OCI_LIMITS, imageBytesMax: 100_000, entriesMax: 20 };
  const many = Array.from({ length: 15 }, (_, index) => ({ name: `f${index}` }));
  it.each<[string, TestLayer[], string]>([
    ["a bomb in one layer", [layer({ name: "zeros", content: Buffer.alloc(50_000_000) })], "larger than 100000 bytes"],
    [
      "a bomb of many layers",
      Array.from({ length: 4 }, () => layer({ name: "z", content: Buffer.alloc(30_000) })),
      "larger than",
    ],
    ["too many files", [layer(...many), layer(...many)], "more than 20 files"],
    ["a path out of the image", [layer({ name: "../../etc/cron.d/evil", content: "x" })], "leads out of the image"],
    [
      "a link out of the image",
      [layer({ kind: "symlink", name: "d", linkname: "../../.." }), layer({ name: "d/evil" })],
      "through a link",
    ],
    [
      "a wrong diff id",
      [{ ...layer({ name: "a" }), diffId: `sha256:${"0".repeat(64)}` }],
      "but the image's config says",
    ],
    [
      "a cut archive",
      [layerOf(Buffer.from(layer({ name: "a" }).bytes.subarray(0, 0)), "gzip"), layerOf(Buffer.alloc(100, 1))],
      "truncated",
    ],
  ])("is refused: %s", async (_, layers, reason) => {
    await using directory = await temporaryDirectory();
    const refused = await convert(directory.path, layers, small).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidImageError);
    expect(String(refused)).toContain(reason);
  });
});

describe("an image's metadata", () => {
  it("are YAML that says everything, whatever is in the properties", () => {
    const properties = {
      "lxe.run": JSON.stringify({ env: ["A=1\n2", "B='\"\u00e9"] }),
      empty: "",
      yes: "true",
      number: "12",
    };
    const entry = metadataEntry({ architecture: "x86_64", createdS: 0, properties });
    const text = execFileSync("tar", ["-xOf", "-", "metadata.yaml"], { input: entry }).toString();
    expect(parse(text)).toEqual({ architecture: "x86_64", creation_date: 1, properties });
  });
});
