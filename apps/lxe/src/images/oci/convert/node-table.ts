/**
 * The nodes of a file tree as rows of columns: an image may have millions of files. A row is a name that something has and, where
 * that is no hard link, its inode, too.
 */
import type { ScannedEntry } from "../tar/scanner.ts";
import { Column } from "./column.ts";
import { type Inode, NOTHING } from "./inode.ts";
import { hostile } from "./path.ts";
import type { TextStore } from "./text-store.ts";

const KINDS: readonly Inode["kind"][] = ["file", "directory", "symlink", "char", "block", "fifo"];
const SYMLINK = KINDS.indexOf("symlink");
const ID_MAX = 0xffff_ffff;

/** What few files have. */
type Rare = Pick<Inode, "devMajor" | "devMinor" | "xattrs">;

export class NodeTable {
  readonly #texts: TextStore;
  readonly #targetBytesMax: number;
  readonly #kind = new Column(Uint8Array);
  readonly #layer = new Column(Uint16Array);
  readonly #inode = new Column(Uint32Array);
  readonly #mode = new Column(Uint16Array);
  readonly #uid = new Column(Uint32Array);
  readonly #gid = new Column(Uint32Array);
  readonly #mtimeS = new Column(Float64Array);
  /** Of a symbolic link: that of its target. */
  readonly #size = new Column(Float64Array);
  /** Where the content begins; of a symbolic link: where its target is. */
  readonly #place = new Column(Float64Array);
  readonly #rare = new Map<number, Rare>();
  #rows = 0;

  constructor(texts: TextStore, targetBytesMax: number) {
    this.#texts = texts;
    this.#targetBytesMax = targetBytesMax;
  }

  /** @throws InvalidImageError for an owner or a target that no system has. */
  addEntry(entry: ScannedEntry, kind: Inode["kind"], layer: number): number {
    const inode = this.#inodeOfEntry(entry, kind, layer);
    return this.addInode(inode);
  }

  addInode(inode: Inode): number {
    const row = this.#rows++;
    this.#write(row, inode);
    return row;
  }

  /** What the row says from now on. @throws InvalidImageError as `addEntry` */
  replace(row: number, entry: ScannedEntry, kind: Inode["kind"], layer: number): void {
    const inode = this.#inodeOfEntry(entry, kind, layer);
    this.#rare.delete(row);
    this.#write(row, inode);
  }

  /** Another name of the inode. */
  addLink(inode: number, layer: number): number {
    const row = this.#rows++;
    this.#kind.set(row, this.#kind.get(inode));
    this.#inode.set(row, inode);
    this.#layer.set(row, layer);
    return row;
  }

  kindOf(row: number): Inode["kind"] {
    return KINDS[this.#kind.get(row)] ?? "file";
  }

  /** The layer that last said something about the name. */
  layerOf(row: number): number {
    return this.#layer.get(row);
  }

  /** The row of its inode. */
  inodeOf(row: number): number {
    return this.#inode.get(row);
  }

  targetOf(inode: number): string {
    return this.#kind.get(inode) === SYMLINK ? this.#texts.read(this.#place.get(inode), this.#size.get(inode)) : "";
  }

  /** A copy of what an inode's row says. */
  read(inode: number): Inode {
    const { devMajor, devMinor, xattrs } = this.#rare.get(inode) ?? NOTHING;
    const isLink = this.#kind.get(inode) === SYMLINK;
    return {
      kind: this.kindOf(inode),
      mode: this.#mode.get(inode),
      uid: this.#uid.get(inode),
      gid: this.#gid.get(inode),
      mtimeS: this.#mtimeS.get(inode),
      size: isLink ? 0 : this.#size.get(inode),
      target: this.targetOf(inode),
      devMajor,
      devMinor,
      xattrs,
      layer: this.#layer.get(inode),
      offset: isLink ? 0 : this.#place.get(inode),
    };
  }

  #inodeOfEntry(entry: ScannedEntry, kind: Inode["kind"], layer: number): Inode {
    const { name, mode, uid, gid, mtimeS, size, offset, linkname, devMajor, devMinor, xattrs } = entry;
    if (uid > ID_MAX || gid > ID_MAX) throw hostile(name, "has an owner that cannot be");
    const target = kind === "symlink" ? linkname : "";
    if (target.length > this.#targetBytesMax) throw hostile(name, "is a link to a name that cannot be");
    return { kind, mode, uid, gid, mtimeS, size, target, devMajor, devMinor, xattrs, layer, offset };
  }

  #write(row: number, { kind, target, ...inode }: Inode): void {
    const isLink = kind === "symlink";
    this.#kind.set(row, KINDS.indexOf(kind));
    this.#inode.set(row, row);
    this.#layer.set(row, inode.layer);
    this.#mode.set(row, inode.mode);
    this.#uid.set(row, inode.uid);
    this.#gid.set(row, inode.gid);
    this.#mtimeS.set(row, inode.mtimeS);
    this.#size.set(row, isLink ? target.length : inode.size);
    this.#place.set(row, isLink ? this.#texts.add(target) : inode.offset);
    const { devMajor, devMinor, xattrs } = inode;
    for (const [name, value] of xattrs ?? []) this.#texts.take(name.length + value.length);
    if (devMajor > 0 || devMinor > 0 || xattrs !== undefined) this.#rare.set(row, { devMajor, devMinor, xattrs });
  }
}
