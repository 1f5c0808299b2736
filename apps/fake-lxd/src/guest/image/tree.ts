/** A `FileTree` over an in-memory file system, and building one from archive entries. */
import { fromBytes, toBytes } from "../core/bytes.ts";
import { Errno } from "../core/errno.ts";
import type { FileTree, RootfsEntry } from "../types.ts";
import { FileAccess } from "../vfs/file-access.ts";
import { MemFs } from "../vfs/mem-fs.ts";
import { MountTable } from "../vfs/mount.ts";
import { rootCredentials } from "../vfs/credentials.ts";
import { S_IFMT, typeOf } from "../vfs/types.ts";

export class MemTree extends FileAccess implements FileTree {
  readonly fs: MemFs;

  constructor(fs: MemFs) {
    const mounts = new MountTable(fs, fs.root, false, "rootfs");
    super({ mounts, cwd: mounts.root, credentials: rootCredentials, asker: undefined, umask: 0, alive: () => {} });
    this.fs = fs;
  }

  clone(): FileTree {
    return new MemTree(this.fs.clone());
  }

  sizeBytes(): number {
    return this.fs.usedBytes;
  }

  *entries(): Iterable<RootfsEntry> {
    yield* walk(this.fs, this.fs.root, "", new Map());
  }
}

/** Archive entries in order: later ones replace earlier ones, missing parents are made. */
export function buildTree(entries: Iterable<RootfsEntry>, now: () => number): MemTree {
  const fs = new MemFs({ now, type: "ext4" });
  for (const entry of entries) addEntry(fs, entry);
  return new MemTree(fs);
}

function addEntry(fs: MemFs, entry: RootfsEntry): void {
  const parts = toBytes(entry.path)
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  const name = parts.pop();
  if (name === undefined) {
    fs.setAttributes(fs.root, entry);
    return;
  }
  const parent = parents(fs, parts);
  const existing = fs.lookup(parent, name);
  if (existing !== undefined) {
    if (entry.type === "directory" && typeOf(fs.get(existing).mode) === "directory") {
      fs.setAttributes(existing, entry);
      return;
    }
    removeAll(fs, parent, name, existing as number);
  }
  if (entry.type === "hardlink") return fs.link(parent, name, find(fs, entry.linkTarget ?? ""));
  create(fs, parent, name, entry);
}

function create(fs: MemFs, parent: number, name: string, entry: RootfsEntry): void {
  if (entry.type === "hardlink") return;
  const { type, mode, uid, gid } = entry;
  const device = (entry.deviceMajor ?? 0) * 256 + (entry.deviceMinor ?? 0);
  const node = fs.create(parent, name, {
    type,
    mode,
    uid,
    gid,
    rdev: device,
    ...(type === "symlink" ? { target: toBytes(entry.linkTarget ?? "") } : {}),
  });
  const inode = fs.own(node);
  if (type === "file" && entry.data && entry.data.length > 0) {
    inode.data = Buffer.from(entry.data.buffer, entry.data.byteOffset, entry.data.byteLength);
    // The archive's buffer stays the caller's.
    inode.dataShared = true;
    inode.size = entry.data.length;
    fs.usedBytes += entry.data.length;
  }
  inode.mtimeMs = entry.mtimeMs;
}

function parents(fs: MemFs, parts: string[]): number {
  let at: number = fs.root;
  for (const part of parts) {
    let next = fs.lookup(at, part) as number | undefined;
    const target = next === undefined ? undefined : fs.get(next).target;
    if (target !== undefined) next = followLink(fs, at, target);
    at = next ?? (fs.create(at, part, { type: "directory", mode: 0o755, uid: 0, gid: 0 }) as number);
  }
  return at;
}

/** Archives of merged-usr systems write through `/bin -> usr/bin`. */
function followLink(fs: MemFs, from: number, target: string): number {
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  let at = target.startsWith("/") ? fs.root : from;
  for (const part of parts) at = part === ".." ? (fs.parent(at) as number) : childDirectory(fs, at, part);
  return at;
}

function childDirectory(fs: MemFs, at: number, part: string): number {
  return (fs.lookup(at, part) ?? fs.create(at, part, { type: "directory", mode: 0o755, uid: 0, gid: 0 })) as number;
}

function find(fs: MemFs, path: string): number {
  let at: number = fs.root;
  for (const part of toBytes(path)
    .split("/")
    .filter((one) => one !== "" && one !== ".")) {
    const next = fs.lookup(at, part);
    if (next === undefined) throw new Errno("ENOENT", path);
    at = next as number;
  }
  return at;
}

function removeAll(fs: MemFs, parent: number, name: string, node: number): void {
  if (fs.get(node).entries) {
    for (const child of fs.list(node)) removeAll(fs, node, child, fs.lookup(node, child) as number);
    fs.rmdir(parent, name);
  } else {
    fs.unlink(parent, name);
  }
}

function* walk(fs: MemFs, directory: number, prefix: string, seen: Map<number, string>): Iterable<RootfsEntry> {
  for (const name of fs.list(directory).toSorted((a, b) => (a < b ? -1 : 1))) {
    const node = fs.lookup(directory, name) as number;
    const path = prefix === "" ? fromBytes(name) : `${prefix}/${fromBytes(name)}`;
    yield entryOf(fs, node, path, seen);
    if (fs.get(node).entries) yield* walk(fs, node, path, seen);
  }
}

function entryOf(fs: MemFs, node: number, path: string, seen: Map<number, string>): RootfsEntry {
  const { mode, uid, gid, mtimeMs, nlink, target, data, size, rdev = 0 } = fs.get(node);
  const base = { path, mode: mode & 0o7777 & ~S_IFMT, uid, gid, mtimeMs };
  const first = seen.get(node);
  if (first !== undefined) return { ...base, type: "hardlink", linkTarget: first };
  const type = typeOf(mode);
  if (nlink > 1 && type !== "directory") seen.set(node, path);
  switch (type) {
    case "file":
      return { ...base, type, data: data ? data.subarray(0, size) : new Uint8Array(0) };
    case "symlink":
      return { ...base, type, linkTarget: fromBytes(target ?? "") };
    case "character-device":
    case "block-device":
      return { ...base, type, deviceMajor: rdev >> 8, deviceMinor: rdev & 0xff };
    case "socket":
      return { ...base, type: "fifo" };
    default:
      return { ...base, type };
  }
}
