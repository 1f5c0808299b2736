import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidImageError } from "../errors.ts";
import { OCI_LIMITS } from "../limits.ts";
import { scanned } from "../testing/entries.ts";
import { FileTree } from "./file-tree.ts";
import { impliedDirectory } from "./inode.ts";

const KEY = Buffer.from("12345678");

type Layer = readonly Parameters<typeof scanned>[0][];

function treeOf(...layers: readonly Layer[]): FileTree {
  const tree = new FileTree(OCI_LIMITS, KEY);
  for (const [layer, entries] of layers.entries()) for (const entry of entries) tree.apply(scanned(entry), layer);
  return tree;
}

/** Paths with the layer that each file is from; directories end with a slash. */
function pathsOf(tree: FileTree): string[] {
  return [...tree.files()]
    .filter(({ path }) => path !== "")
    .map(({ path, inode }) => (inode.kind === "directory" ? `/${path}/` : `/${path} ${inode.layer}`))
    .toSorted();
}

const directory = (name: string, mode = 0o755) => ({ kind: "directory" as const, name, mode });
const link = (name: string, linkname: string) => ({ kind: "symlink" as const, name, linkname });
const hardlink = (name: string, linkname: string) => ({ kind: "hardlink" as const, name, linkname });

describe("layers", () => {
  it("show the uppermost of each name, and directories' children of all", () => {
    const tree = treeOf(["etc/a", "etc/b", "x"], ["./etc/b", "/etc/c"], [directory("etc/", 0o700), "x"]);
    expect(pathsOf(tree)).toEqual(["/etc/", "/etc/a 0", "/etc/b 1", "/etc/c 1", "/x 2"]);
    expect(tree.find("/etc", { followLast: true })?.mode).toBe(0o700);
  });

  it("replace files by directories and directories by files", () => {
    expect(pathsOf(treeOf(["a/b", "c"], ["a", directory("c"), "c/d"]))).toEqual(["/a 1", "/c/", "/c/d 1"]);
    expect(pathsOf(treeOf([link("a", "b"), "b/x"], [directory("a")]))).toEqual(["/a/", "/b/", "/b/x 0"]);
  });

  it("make the directories that they do not mention", () => {
    const tree = treeOf(["a/b/c"]);
    expect(tree.find("a/b", { followLast: true })).toMatchObject({ kind: "directory", mode: 0o755, uid: 0 });
  });

  it("set what the root is, and may replace it by nothing else", () => {
    const [root] = treeOf(["a"], [directory("./", 0o700)]).files();
    expect(root).toMatchObject({ path: "", inode: { mode: 0o700, layer: 1 } });
    expect(() => treeOf([link("/", "a")])).toThrow("would replace the root");
  });
});

describe("a whiteout", () => {
  const lower: Layer = ["d/a", "d/b", "d/e/f", "g"];
  it("hides a file, or a directory with all that it holds", () => {
    expect(pathsOf(treeOf(lower, ["d/.wh.a", ".wh.g"]))).toEqual(["/d/", "/d/b 0", "/d/e/", "/d/e/f 0"]);
    expect(pathsOf(treeOf(lower, [".wh.d"]))).toEqual(["/g 0"]);
  });

  it("of a whole directory's content hides what lower layers have there", () => {
    expect(pathsOf(treeOf(lower, ["d/.wh..wh..opq", "d/new"]))).toEqual(["/d/", "/d/new 1", "/g 0"]);
  });

  it("hides nothing of its own layer, wherever it stands", () => {
    const orders = [
      ["d/e/new", ".wh.d"],
      [".wh.d", "d/e/new"],
      ["d/e/new", "d/.wh..wh..opq"],
      ["d/.wh..wh..opq", "d/e/new"],
    ];
    for (const upper of orders) expect(pathsOf(treeOf(lower, upper))).toEqual(["/d/", "/d/e/", "/d/e/new 1", "/g 0"]);
    expect(pathsOf(treeOf(lower, ["g", ".wh.g"]))).toContain("/g 1");
  });

  it("of what is not there does nothing, and its like of old file systems neither", () => {
    expect(
      pathsOf(treeOf(["a"], [".wh.b", "c/.wh.d", "a/.wh.x", ".wh..wh.plnk", ".wh..wh.plnk/1.2", ".wh..wh.aufs"])),
    ).toEqual(["/a 0"]);
  });

  it.each([".wh.", ".wh..", ".wh...", "d/.wh..."])("%s is refused", (name) => {
    expect(() => treeOf(lower, [name])).toThrow("hides no name");
  });
});

describe("links", () => {
  it("in the way are followed within the image", () => {
    const tree = treeOf([link("var/run", "/run"), link("lib", "usr/lib"), directory("run")], ["var/run/x", "lib/y"]);
    expect(pathsOf(tree)).toEqual([
      "/lib 0",
      "/run/",
      "/run/x 1",
      "/usr/",
      "/usr/lib/",
      "/usr/lib/y 1",
      "/var/",
      "/var/run 0",
    ]);
  });

  it("are found as a process would find them", () => {
    const tree = treeOf([link("a", "../../b/./c"), link("b/c", "d"), "b/d", link("self", "self")]);
    expect(tree.find("a", { followLast: true })?.kind).toBe("file");
    expect(tree.find("a", { followLast: false })?.kind).toBe("symlink");
    expect(tree.find("self/x", { followLast: true })).toBeUndefined();
    expect(tree.find("b/d/e", { followLast: true })).toBeUndefined();
  });

  it("that are hard share the file, also over layers and when one name is replaced", () => {
    const tree = treeOf(["a"], [hardlink("b", "a"), hardlink("c", "/b")], ["a"]);
    const [a, b, c] = ["a", "b", "c"].map((name) => [...tree.files()].find(({ path }) => path === name));
    expect(b?.shared).toBeDefined();
    expect(b?.shared).toBe(c?.shared);
    expect(b?.inode).toEqual(c?.inode);
    expect([a?.inode.layer, b?.inode.layer]).toEqual([2, 0]);
    expect(a?.shared).toBeUndefined();
  });
});

describe("an entry that would leave the image", () => {
  it.each<[string, Layer]>([
    ["by its name", ["../evil"]],
    ["by its name further on", ["a/../../evil"]],
    ["through a link of its own layer", [link("a", "../.."), "a/evil"]],
    ["through a link to a directory far above", [link("x/y", "../../../../etc"), "x/y/passwd"]],
    ["through a chain of links", [link("a", "b"), link("b", "../../c"), "a/evil"]],
    ["as a hard link's target", ["a", hardlink("b", "../../etc/shadow")]],
    ["as a hard link's target behind a link", [link("a", "../.."), hardlink("b", "a/etc/shadow")]],
    ["by hiding", [link("a", ".."), "a/.wh.x"]],
  ])("is refused: %s", (_, layer) => {
    expect(() => treeOf(layer)).toThrow(InvalidImageError);
    expect(() => treeOf(layer)).toThrow("leads out of the image");
  });

  it("is none when it goes up within the image, or names the root", () => {
    expect(pathsOf(treeOf(["a/../b", "/c", link("d", "/"), "d/e"]))).toEqual(["/b 0", "/c 0", "/d 0", "/e 0"]);
  });
});

describe("what cannot be", () => {
  it.each<[string, Layer, string]>([
    ["a file below a file", ["a", "a/b"], "lies below a file"],
    ["a file below a whiteout", [".wh.a/b"], "lies below a whiteout"],
    ["links in a circle", [link("a", "b"), link("b", "a"), "a/x"], "too many links"],
    ["a hard link to nothing", [hardlink("a", "b")], "hard link to nothing"],
    ["a hard link to a directory", [directory("d"), hardlink("a", "d")], "hard link to a directory"],
    ["a name that is too long", ["n".repeat(256)], "no name of a file"],
    ["a path that is too long", ["n/".repeat(2100)], "no name of a file"],
    ["a link to a path that is too long", [link("a", "n/".repeat(2100))], "link to a name that cannot be"],
    ["a name with a zero byte", ["a\0b"], "no name of a file"],
    ["an owner beyond 32 bits", [{ name: "a", uid: 2 ** 32 }], "an owner that cannot be"],
  ])("%s is refused", (_, layer, reason) => {
    expect(() => treeOf(layer)).toThrow(InvalidImageError);
    expect(() => treeOf(layer)).toThrow(reason);
  });
});

describe("an image", () => {
  it.each([
    ["names", { name: "n".repeat(40) }],
    ["links", link("a", "t".repeat(40))],
    ["attributes", { name: "a", xattrs: new Map([["user.a", "v".repeat(40)]]) }],
  ])("is refused where its %s take more memory than they may", (_, entry) => {
    const tree = new FileTree({ ...OCI_LIMITS, textBytesMax: 40 }, KEY);
    tree.apply(scanned("b"), 0);
    expect(() => tree.apply(scanned(entry), 0)).toThrow("more than 40 bytes");
  });
});

/** Different in all that a file can be. */
const nthEntry = (index: number) =>
  scanned({
    kind: index % 7 === 0 ? "char" : "file",
    name: `d${index % 3}/f${index}`,
    mode: index % 0o10000,
    uid: 2 ** 32 - 1 - index,
    gid: index * 2,
    mtimeS: 2 ** 33 + index,
    size: 2 ** 40 + index,
    offset: index * 512,
    devMajor: index % 7,
    devMinor: index % 5,
    xattrs: index % 11 === 0 ? new Map([["user.a", String(index)]]) : undefined,
  });

describe("a file", () => {
  it("keeps all that its entry says, among many", () => {
    const tree = new FileTree(OCI_LIMITS, KEY);
    const count = 20_000;
    for (let index = 0; index < count; index += 1) tree.apply(nthEntry(index), index % 3);
    for (let index = 0; index < count; index += 999) {
      const { name, linkname: _linkname, ...said } = nthEntry(index);
      expect(tree.find(name, { followLast: false })).toEqual({ ...said, target: "", layer: index % 3 });
    }
  });
});

describe("what is added for mounts", () => {
  it("fills gaps only", () => {
    const tree = treeOf(["etc/hosts", "file", link("var/run", "/run"), link("loop", "loop")]);
    const inode = impliedDirectory(0);
    for (const path of ["etc/hosts", "etc/hostname", "file/x", "var/run/secrets", "loop/x", "proc"])
      tree.addMissing(path, inode);
    expect(pathsOf(tree)).toEqual(
      [
        "/etc/",
        "/etc/hostname/",
        "/etc/hosts 0",
        "/file 0",
        "/loop 0",
        "/proc/",
        "/run/",
        "/run/secrets/",
        "/var/",
        "/var/run 0",
      ].toSorted(),
    );
  });
});

const pathOf = (...parts: string[]) =>
  fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

/** What a hostile entry fails with, if it does. */
function refusalOf(tree: FileTree, entry: ReturnType<typeof scanned>, layer: number): unknown {
  try {
    tree.apply(entry, layer);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("any entries", () => {
  it("give a tree below the root, or an error of the image", () => {
    const name = pathOf("a", "b", "c", "..", ".", ".wh.a", ".wh..wh..opq");
    const target = fc.tuple(fc.constantFrom("", "/"), pathOf("a", "b", "..")).map((parts) => parts.join(""));
    const entry = fc.record({
      kind: fc.constantFrom("file" as const, "directory" as const, "symlink" as const, "hardlink" as const),
      name,
      linkname: target,
    });
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 8 }), { maxLength: 3 }), (layers) => {
        const tree = new FileTree(OCI_LIMITS, KEY);
        for (const [layer, entries] of layers.entries()) {
          for (const each of entries) {
            const refusal = refusalOf(tree, scanned(each), layer);
            expect(refusal === undefined || refusal instanceof InvalidImageError).toBe(true);
          }
        }
        for (const path of pathsOf(tree)) expect(path).not.toMatch(/\.\.|\.wh\.|\/\.\//u);
      }),
    );
  });
});
