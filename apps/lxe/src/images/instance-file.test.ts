import { Readable } from "node:stream";
import { type InstanceFileEntry, LxdError } from "@lxe/lxd-client";
import { expect, it } from "vitest";
import { readInstanceText } from "./instance-file.ts";

/** Null: a directory. */
type Tree = Readonly<Record<string, string | { readonly link: string } | null>>;

function filesOf(tree: Tree) {
  const owner = { uid: 0, gid: 0, mode: 0o644 };
  return {
    get: async (_: string, path: string): Promise<InstanceFileEntry> => {
      const entry = tree[path];
      if (entry === undefined) throw new LxdError("not-found", "Not Found");
      if (entry === null) return { type: "directory", entries: [], ...owner };
      if (typeof entry !== "string") return { type: "symlink", target: entry.link, ...owner };
      return {
        type: "file",
        content: Readable.from([Buffer.from(entry.slice(0, 3)), Buffer.from(entry.slice(3))]),
        ...owner,
      };
    },
  };
}

it.each<[string, Tree, string]>([
  ["its text", { "/etc/passwd": "root:x" }, "root:x"],
  ["the text behind a relative link", { "/etc/passwd": { link: "../usr/p" }, "/usr/p": "behind" }, "behind"],
  ["the text behind an absolute link", { "/etc/passwd": { link: "/usr/p" }, "/usr/p": "behind" }, "behind"],
  ["the text inside, for a link that climbs out", { "/etc/passwd": { link: "../../../p" }, "/p": "inside" }, "inside"],
  ["at most so many bytes", { "/etc/passwd": "0123456789abcdef" }, "0123456789"],
  ["nothing when it is missing", {}, ""],
  ["nothing for a directory", { "/etc/passwd": null }, ""],
  ["nothing for links in a circle", { "/etc/passwd": { link: "passwd" } }, ""],
])("a file of an instance gives %s", async (_, tree, expected) => {
  const signal = new AbortController().signal;
  expect(await readInstanceText(filesOf(tree), "i", "/etc/passwd", 10, signal)).toBe(expected);
});
