/**
 * Inodes of an in-memory file system, copy-on-write: a frozen base shared by an image and all its clones, and the inodes that this one
 * changed. Five hundred containers of one image cost five hundred small maps.
 */

export interface Inode {
  ino: number;
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  mtimeMs: number;
  ctimeMs: number;
  atimeMs: number;
  /** Of a file: its bytes are the first `size` of `data`. */
  data?: Buffer;
  size: number;
  /** `data` may belong to other inodes too: copy before writing. */
  dataShared?: boolean;
  /** Of a directory. */
  entries?: Map<string, number>;
  parent?: number;
  /** Of a symlink. */
  target?: string;
  rdev?: number;
}

export class InodeTable {
  #base: ReadonlyMap<number, Inode>;
  #own = new Map<number, Inode | null>();
  #next: number;

  constructor(base: ReadonlyMap<number, Inode> = new Map(), next = 1) {
    this.#base = base;
    this.#next = next;
  }

  get(ino: number): Inode | undefined {
    const own = this.#own.get(ino);
    return own === undefined ? this.#base.get(ino) : (own ?? undefined);
  }

  /** The inode for changing: copied from the base at the first time. */
  own(ino: number): Inode | undefined {
    const own = this.#own.get(ino);
    if (own !== undefined) return own ?? undefined;
    const base = this.#base.get(ino);
    if (!base) return undefined;
    const copy: Inode = { ...base };
    if (base.entries) copy.entries = new Map(base.entries);
    if (base.data) copy.dataShared = true;
    this.#own.set(ino, copy);
    return copy;
  }

  add(inode: Omit<Inode, "ino">): Inode {
    const made: Inode = { ...inode, ino: this.#next++ };
    this.#own.set(made.ino, made);
    return made;
  }

  delete(ino: number): void {
    if (this.#base.has(ino)) this.#own.set(ino, null);
    else this.#own.delete(ino);
  }

  /** A table with the same content; from now on neither sees the other's changes. */
  fork(): InodeTable {
    if (this.#own.size > 0) {
      this.#base = this.#merged();
      this.#own = new Map();
    }
    return new InodeTable(this.#base, this.#next);
  }

  #merged(): Map<number, Inode> {
    const merged = new Map(this.#base);
    for (const [ino, inode] of this.#own) {
      if (inode) merged.set(ino, inode);
      else merged.delete(ino);
    }
    return merged;
  }
}
