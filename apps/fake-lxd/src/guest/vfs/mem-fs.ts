/** An in-memory file system: root file systems, tmpfs, /dev. Ids are the guest's own. Permission checks are the caller's. */
import { Errno } from "../core/errno.ts";
import { O_ACCMODE, type OpenFile } from "../core/open-file.ts";
import { Pipe, PipeEnd } from "../core/pipe.ts";
import { type Inode, InodeTable } from "./inode-table.ts";
import { MemFile } from "./mem-file.ts";
import {
  type Asker,
  type Attributes,
  type FileSystem,
  modeOf,
  type NewNode,
  type NodeId,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  type Stat,
} from "./types.ts";

export interface MemFsOptions {
  now: () => number;
  type?: string;
  /** Of the root directory. */
  rootMode?: number;
  /** Writes beyond fail with ENOSPC. */
  limitBytes?: number;
}

let nextDevice = 64;

export class MemFs implements FileSystem {
  readonly type: string;
  readonly readonly = false;
  readonly device = nextDevice++;
  readonly root: number;
  limitBytes: number | undefined;
  usedBytes: number;
  readonly now: () => number;
  readonly #inodes: InodeTable;
  readonly #opens = new Map<number, number>();
  readonly #fifos = new Map<number, Pipe>();

  constructor(options: MemFsOptions, from?: { inodes: InodeTable; root: number; usedBytes: number }) {
    this.now = options.now;
    this.type = options.type ?? "tmpfs";
    this.limitBytes = options.limitBytes;
    this.usedBytes = from?.usedBytes ?? 0;
    this.#inodes = from?.inodes ?? new InodeTable();
    this.root = from?.root ?? this.#makeRoot(options.rootMode ?? 0o755);
  }

  /** A copy that shares what neither changes. */
  clone(): MemFs {
    const from = { inodes: this.#inodes.fork(), root: this.root, usedBytes: this.usedBytes };
    return new MemFs({ now: this.now, type: this.type }, from);
  }

  get(node: NodeId): Inode {
    const inode = this.#inodes.get(node as number);
    if (!inode) throw new Errno("ENOENT");
    return inode;
  }

  /** For changing. */
  own(node: NodeId): Inode {
    const inode = this.#inodes.own(node as number);
    if (!inode) throw new Errno("ENOENT");
    return inode;
  }

  stat(node: NodeId): Stat {
    const { ino, mode, nlink, uid, gid, mtimeMs, ctimeMs, atimeMs, rdev = 0, entries, target, size } = this.get(node);
    const shown = entries ? 4096 : (target?.length ?? size);
    return { dev: this.device, ino, mode, nlink, uid, gid, rdev, size: shown, mtimeMs, ctimeMs, atimeMs };
  }

  rights(node: NodeId): Readonly<Inode> {
    return this.get(node);
  }

  lookup(directory: NodeId, name: string): NodeId | undefined {
    return this.#entries(this.get(directory)).get(name);
  }

  parent(node: NodeId): NodeId {
    return this.get(node).parent ?? this.root;
  }

  list(directory: NodeId): string[] {
    return [...this.#entries(this.get(directory)).keys()];
  }

  readlink(node: NodeId): string {
    const { target } = this.get(node);
    if (target === undefined) throw new Errno("EINVAL");
    return target;
  }

  create(directory: NodeId, name: string, what: NewNode): NodeId {
    const parent = this.own(directory);
    const entries = this.#entries(parent);
    if (entries.has(name)) throw new Errno("EEXIST");
    if (parent.nlink === 0) throw new Errno("ENOENT");
    const times = this.#times();
    const inode = this.#inodes.add({
      ...times,
      mode: modeOf(what.type, what.mode),
      uid: what.uid,
      gid: what.gid,
      nlink: what.type === "directory" ? 2 : 1,
      size: 0,
    });
    if (what.type === "directory") {
      inode.entries = new Map();
      inode.parent = parent.ino;
      parent.nlink++;
    }
    if (what.target !== undefined) inode.target = what.target;
    if (what.rdev !== undefined) inode.rdev = what.rdev;
    entries.set(name, inode.ino);
    this.#touch(parent);
    return inode.ino;
  }

  link(directory: NodeId, name: string, node: NodeId): void {
    const parent = this.own(directory);
    const inode = this.own(node);
    if (inode.entries) throw new Errno("EPERM");
    if (this.#entries(parent).has(name)) throw new Errno("EEXIST");
    this.#entries(parent).set(name, inode.ino);
    inode.nlink++;
    inode.ctimeMs = this.now();
    this.#touch(parent);
  }

  unlink(directory: NodeId, name: string): void {
    const parent = this.own(directory);
    const ino = this.#entries(parent).get(name);
    if (ino === undefined) throw new Errno("ENOENT");
    const inode = this.own(ino);
    if (inode.entries) throw new Errno("EISDIR");
    this.#entries(parent).delete(name);
    this.#touch(parent);
    inode.nlink--;
    inode.ctimeMs = this.now();
    this.#collect(ino);
  }

  rmdir(directory: NodeId, name: string): void {
    const parent = this.own(directory);
    const ino = this.#entries(parent).get(name);
    if (ino === undefined) throw new Errno("ENOENT");
    const inode = this.own(ino);
    if (this.#entries(inode).size > 0) throw new Errno("ENOTEMPTY");
    this.#entries(parent).delete(name);
    parent.nlink--;
    inode.nlink = 0;
    this.#touch(parent);
    this.#collect(ino);
  }

  rename(from: NodeId, fromName: string, to: NodeId, toName: string): void {
    const source = this.own(from);
    const ino = this.#entries(source).get(fromName);
    if (ino === undefined) throw new Errno("ENOENT");
    const target = this.own(to);
    const replaced = this.#entries(target).get(toName);
    if (replaced === ino) return;
    const moved = this.own(ino);
    if (moved.entries && this.#contains(ino, target.ino)) throw new Errno("EINVAL");
    if (replaced !== undefined) this.#replace(target, toName, replaced, moved);
    this.#entries(source).delete(fromName);
    this.#entries(target).set(toName, ino);
    if (moved.entries) {
      source.nlink--;
      target.nlink++;
      moved.parent = target.ino;
    }
    this.#touch(source);
    this.#touch(target);
  }

  setAttributes(node: NodeId, { mode, uid, gid, mtimeMs }: Attributes): void {
    const inode = this.own(node);
    if (mode !== undefined) inode.mode = (inode.mode & S_IFMT) | (mode & 0o7777);
    if (uid !== undefined) inode.uid = uid;
    if (gid !== undefined) inode.gid = gid;
    if (mtimeMs !== undefined) inode.mtimeMs = mtimeMs;
    inode.ctimeMs = this.now();
  }

  open(node: NodeId, flags: number, _asker: Asker): OpenFile {
    const inode = this.get(node);
    const type = inode.mode & S_IFMT;
    if (type === S_IFLNK) throw new Errno("ELOOP");
    if (type === S_IFIFO) return new PipeEnd(this.#fifo(inode.ino), flags & O_ACCMODE, () => this.stat(node));
    this.#opens.set(inode.ino, (this.#opens.get(inode.ino) ?? 0) + 1);
    return new MemFile(this, inode.ino, flags);
  }

  /** Called by an open file at its last close. */
  closed(ino: number): void {
    const left = (this.#opens.get(ino) ?? 1) - 1;
    if (left > 0) this.#opens.set(ino, left);
    else this.#opens.delete(ino);
    this.#collect(ino);
  }

  space(): { totalBytes: number; usedBytes: number } {
    return { totalBytes: this.limitBytes ?? 64 * 2 ** 30, usedBytes: this.usedBytes };
  }

  /** Grows or shrinks the account; ENOSPC when the limit is passed. */
  account(bytes: number): void {
    if (bytes > 0 && this.limitBytes !== undefined && this.usedBytes + bytes > this.limitBytes)
      throw new Errno("ENOSPC");
    this.usedBytes += bytes;
  }

  #fifo(ino: number): Pipe {
    const known = this.#fifos.get(ino);
    if (known) return known;
    const made = new Pipe();
    this.#fifos.set(ino, made);
    return made;
  }

  #makeRoot(mode: number): number {
    const root = this.#inodes.add({
      ...this.#times(),
      mode: S_IFDIR | mode,
      uid: 0,
      gid: 0,
      nlink: 2,
      size: 0,
      entries: new Map(),
    });
    root.parent = root.ino;
    return root.ino;
  }

  #entries(inode: Inode): Map<string, number> {
    if (!inode.entries) throw new Errno("ENOTDIR");
    return inode.entries;
  }

  #times(): { mtimeMs: number; ctimeMs: number; atimeMs: number } {
    const now = this.now();
    return { mtimeMs: now, ctimeMs: now, atimeMs: now };
  }

  #touch(inode: Inode): void {
    inode.mtimeMs = inode.ctimeMs = this.now();
  }

  #replace(directory: Inode, name: string, ino: number, by: Inode): void {
    const old = this.get(ino);
    if (old.entries && !by.entries) throw new Errno("EISDIR");
    if (!old.entries && by.entries) throw new Errno("ENOTDIR");
    if (old.entries) this.rmdir(directory.ino, name);
    else this.unlink(directory.ino, name);
  }

  #contains(ancestor: number, ino: number): boolean {
    for (let at = ino; ; at = this.parent(at) as number) {
      if (at === ancestor) return true;
      if (at === this.root) return false;
    }
  }

  /** Frees an inode that neither a name nor an open file holds. */
  #collect(ino: number): void {
    const inode = this.#inodes.get(ino);
    if (!inode || inode.nlink > 0 || this.#opens.has(ino)) return;
    this.usedBytes -= inode.size;
    this.#fifos.delete(ino);
    this.#inodes.delete(ino);
  }
}
