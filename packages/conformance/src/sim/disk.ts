/** The simulated host's file system: an inode tree in memory. It owns bytes, names and who watches them; permissions are not its business. */

import type { Duplex } from "node:stream";

export type NodeKind = "file" | "directory" | "socket";

/** What whoever listens on a socket file does with a connection. */
export type Accept = () => Duplex;

export interface DiskNode {
  readonly inode: number;
  readonly kind: NodeKind;
  mode: number;
  uid: number;
  gid: number;
  links: number;
  size: number;
  data: Buffer;
  /** Whoever wrote or read it has these bytes, too: they are copied before they are changed, but not before more is appended. */
  isShared: boolean;
  modifiedMs: number;
  readonly children: Map<string, DiskNode>;
  /** Undefined: nobody listens any more. */
  accept: Accept | undefined;
  readonly watchers: Set<(name: string) => void>;
  /** By which name its directory knows it; for watchers. */
  parent: DiskNode | undefined;
  name: string;
  /** The last one that it had. */
  path: string;
}

type Code = "ENOENT" | "ENOTDIR" | "EISDIR" | "EEXIST" | "ENOTEMPTY" | "ENOSPC" | "EINVAL";

export function diskError(code: Code, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

const NOTHING = Buffer.alloc(0);
/** Without anything to resolve in it. */
const IS_PLAIN = /^(?:\/[^/.][^/]*)+$/;

export class Disk {
  readonly #now: () => number;
  #nextInode = 1;
  readonly root: DiskNode;
  /** Everything that is there, by its path: files are looked up far more often than they come and go. */
  readonly #byPath = new Map<string, DiskNode>();
  /** While true, nothing can be written. */
  full = false;

  constructor(now: () => number) {
    this.#now = now;
    this.root = this.#node("directory", 0o755);
    this.root.links = 2;
  }

  /** For what is none of lxe's doing. */
  withRoom<T>(action: () => T): T {
    const { full } = this;
    this.full = false;
    try {
      return action();
    } finally {
      this.full = full;
    }
  }

  /** For names of temporary files. */
  nextNumber(): number {
    return this.#nextInode++;
  }

  #node(kind: NodeKind, mode: number): DiskNode {
    return {
      inode: this.#nextInode++,
      kind,
      mode,
      uid: 0,
      gid: 0,
      links: 1,
      size: 0,
      data: NOTHING,
      isShared: false,
      modifiedMs: this.#now(),
      children: new Map(),
      accept: undefined,
      watchers: new Set(),
      parent: undefined,
      name: "",
      path: "",
    };
  }

  find(path: string): DiskNode | undefined {
    return this.#byPath.get(path) ?? (IS_PLAIN.test(path) ? undefined : this.#walk(path));
  }

  #walk(path: string): DiskNode | undefined {
    let at: DiskNode | undefined = this.root;
    for (const part of path.split("/")) {
      if (part === "" || part === ".") continue;
      at = at.children.get(part);
      if (at === undefined) return undefined;
    }
    return at;
  }

  get(path: string): DiskNode {
    const node = this.find(path);
    if (node === undefined) throw diskError("ENOENT", path);
    return node;
  }

  /** Its directory, and its name there. */
  #place(path: string): { directory: DiskNode; name: string } {
    const end = path.lastIndexOf("/");
    const directory = this.get(path.slice(0, end));
    if (directory.kind !== "directory") throw diskError("ENOTDIR", path);
    return { directory, name: path.slice(end + 1) };
  }

  #changed(node: DiskNode): void {
    node.modifiedMs = this.#now();
    for (const watcher of node.parent?.watchers ?? []) watcher(node.name);
  }

  create(path: string, kind: NodeKind, mode: number): DiskNode {
    const { directory, name } = this.#place(path);
    if (directory.children.has(name)) throw diskError("EEXIST", path);
    if (this.full) throw diskError("ENOSPC", path);
    const node = this.#node(kind, mode);
    this.#attach(node, directory, name);
    this.#changed(node);
    return node;
  }

  #attach(node: DiskNode, directory: DiskNode, name: string): void {
    node.parent = directory;
    node.name = name;
    node.path = `${directory.path}/${name}`;
    directory.children.set(name, node);
    this.#byPath.set(node.path, node);
  }

  /** With all parents. Tells whether it is new. */
  makeDirectories(path: string, mode: number): boolean {
    const there = this.find(path);
    if (there?.kind === "directory") return false;
    // mostly only the last one is missing
    if (there === undefined && this.#byPath.get(path.slice(0, path.lastIndexOf("/")))?.kind === "directory") {
      this.create(path, "directory", mode);
      return true;
    }
    let made = false;
    let prefix = "";
    for (const part of path.split("/")) {
      if (part === "") continue;
      prefix += `/${part}`;
      const found = this.find(prefix);
      if (found !== undefined && found.kind !== "directory") throw diskError("ENOTDIR", prefix);
      made = found === undefined;
      if (made) this.create(prefix, "directory", 0o755);
    }
    if (made) this.get(path).mode = mode;
    return made;
  }

  unlink(path: string): void {
    const { directory, name } = this.#place(path);
    const node = directory.children.get(name);
    if (node === undefined) throw diskError("ENOENT", path);
    if (node.kind === "directory") throw diskError("EISDIR", path);
    directory.children.delete(name);
    this.#byPath.delete(node.path);
    node.links = 0;
    this.#changed(node);
  }

  rmdir(path: string): void {
    const node = this.get(path);
    if (node.kind !== "directory") throw diskError("ENOTDIR", path);
    if (node.children.size > 0) throw diskError("ENOTEMPTY", path);
    this.#detach(node);
  }

  /** With all that is in it; nothing there is fine. */
  remove(path: string): void {
    const node = this.find(path);
    if (node !== undefined) this.#detach(node);
  }

  #detach(node: DiskNode): void {
    for (const child of node.children.values()) this.#detach(child);
    node.parent?.children.delete(node.name);
    this.#byPath.delete(node.path);
    node.links = 0;
    this.#changed(node);
  }

  rename(from: string, to: string): void {
    const node = this.get(from);
    if (node.children.size > 0) throw diskError("ENOTEMPTY", from); // nobody needs it, and what is in it would have to be found anew
    const { directory, name } = this.#place(to);
    const replaced = directory.children.get(name);
    if (replaced?.kind === "directory") throw diskError("EISDIR", to);
    if (replaced !== undefined) replaced.links = 0;
    node.parent?.children.delete(node.name);
    this.#byPath.delete(node.path);
    this.#changed(node);
    this.#attach(node, directory, name);
    this.#changed(node);
  }

  read(node: DiskNode, buffer: Uint8Array, position: number): number {
    const end = Math.min(node.size, position + buffer.length);
    if (end <= position) return 0;
    buffer.set(node.data.subarray(position, end));
    return end - position;
  }

  /** `position` null: at the end. */
  write(node: DiskNode, bytes: Uint8Array, position: number | null): number {
    if (this.full) throw diskError("ENOSPC", node.name);
    const start = position ?? node.size;
    if (start < node.size) this.#own(node);
    this.#resize(node, Math.max(node.size, start + bytes.length));
    node.data.set(bytes, start);
    this.#changed(node);
    return bytes.length;
  }

  /** What an empty file holds from now on. The bytes become the disk's: the caller has no more to do with them. */
  fill(node: DiskNode, bytes: Buffer): void {
    if (this.full) throw diskError("ENOSPC", node.name);
    node.data = bytes;
    node.size = bytes.length;
    node.isShared = true;
    this.#changed(node);
  }

  /** All of it, as it is now. */
  contentOf(node: DiskNode): Buffer {
    node.isShared = true;
    return node.data.subarray(0, node.size);
  }

  #own(node: DiskNode): void {
    if (node.isShared) node.data = Buffer.from(node.data);
    node.isShared = false;
  }

  truncate(node: DiskNode, size: number): void {
    this.#resize(node, size);
    this.#changed(node);
  }

  /** Reads as zeros from then on; nobody is told. */
  punch(node: DiskNode, start: number, length: number): void {
    this.#own(node);
    node.data.fill(0, start, Math.min(node.size, start + length));
  }

  #resize(node: DiskNode, size: number): void {
    if (size > node.data.length) {
      const grown = Buffer.allocUnsafe(Math.max(size, node.data.length * 2));
      node.data.copy(grown, 0, 0, node.size);
      grown.fill(0, node.size);
      node.data = grown;
      node.isShared = false;
    } else if (size < node.size) {
      this.#own(node);
      node.data.fill(0, size, node.size);
    }
    node.size = size;
  }

  /** Paths of all that is below, depth first. */
  *below(path: string): Iterable<string> {
    const node = this.find(path);
    for (const [name, child] of node?.children ?? []) {
      yield `${path}/${name}`;
      if (child.kind === "directory") yield* this.below(`${path}/${name}`);
    }
  }
}
