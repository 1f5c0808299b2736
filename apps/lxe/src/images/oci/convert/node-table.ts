/**
 * What a file tree knows of each name, in columns: an image may have a million files, and objects for them would take several
 * times as much memory. A row is a name's node and, where it is no hard link, its inode, too.
 */
import type { ScannedEntry } from "../tar/scanner.ts";
import { hostile } from "./path.ts";
import { type Inode, NOTHING } from "./inode.ts";

const KINDS: readonly Inode["kind"][] = ["file", "directory", "symlink", "char", "block", "fifo"];
const ROWS_IN_CHUNK = 8192;
const ID_MAX = 0xffff_ffff;

const Column = { kind: 0, layer: 1, inode: 2, mode: 3, uid: 4, gid: 5, mtimeS: 6, size: 7, offset: 8 } as const;
const COLUMNS = Object.keys(Column).length;

/** What few files have. */
type Rare = Pick<Inode, "target" | "devMajor" | "devMinor" | "xattrs">;

export class NodeTable {
  readonly #chunks: Float64Array[] = [];
  readonly #rare = new Map<number, Rare>();
  #rows = 0;

  /** @throws InvalidImageError for an owner that no system has. */
  addEntry(entry: ScannedEntry, kind: Inode["kind"], layer: number): number {
    const { name, mode, uid, gid, mtimeS, size, offset, linkname, devMajor, devMinor, xattrs } = entry;
    if (uid > ID_MAX || gid > ID_MAX) throw hostile(name, "has an owner that cannot be");
    const target = kind === "symlink" ? linkname : "";
    return this.addInode({ kind, mode, uid, gid, mtimeS, size, target, devMajor, devMinor, xattrs, layer, offset });
  }

  addInode(inode: Inode): number {
    const row = this.#addRow();
    this.#set(row, Column.kind, KINDS.indexOf(inode.kind));
    this.#set(row, Column.inode, row);
    for (const name of ["layer", "mode", "uid", "gid", "mtimeS", "size", "offset"] as const) {
      this.#set(row, Column[name], inode[name]);
    }
    const { target, devMajor, devMinor, xattrs } = inode;
    if (target !== "" || devMajor > 0 || devMinor > 0 || xattrs !== undefined) {
      this.#rare.set(row, { target, devMajor, devMinor, xattrs });
    }
    return row;
  }

  /** Another name of the inode. */
  addLink(inode: number, layer: number): number {
    const row = this.#addRow();
    this.#set(row, Column.kind, this.#get(inode, Column.kind));
    this.#set(row, Column.inode, inode);
    this.#set(row, Column.layer, layer);
    return row;
  }

  kindOf(row: number): Inode["kind"] {
    return KINDS[this.#get(row, Column.kind)] ?? "file";
  }

  /** The layer that last said something about the name. */
  layerOf(row: number): number {
    return this.#get(row, Column.layer);
  }

  /** The row of its inode. */
  inodeOf(row: number): number {
    return this.#get(row, Column.inode);
  }

  targetOf(row: number): string {
    return this.#rare.get(row)?.target ?? "";
  }

  /** A copy of what an inode's row says. */
  read(inode: number): Inode {
    const { target, devMajor, devMinor, xattrs } = this.#rare.get(inode) ?? NOTHING;
    const get = (column: number): number => this.#get(inode, column);
    return {
      kind: this.kindOf(inode),
      mode: get(Column.mode),
      uid: get(Column.uid),
      gid: get(Column.gid),
      mtimeS: get(Column.mtimeS),
      size: get(Column.size),
      target,
      devMajor,
      devMinor,
      xattrs,
      layer: get(Column.layer),
      offset: get(Column.offset),
    };
  }

  #addRow(): number {
    if (this.#rows % ROWS_IN_CHUNK === 0) this.#chunks.push(new Float64Array(ROWS_IN_CHUNK * COLUMNS));
    this.#rows += 1;
    return this.#rows - 1;
  }

  #get(row: number, column: number): number {
    return this.#chunks[Math.floor(row / ROWS_IN_CHUNK)]?.[(row % ROWS_IN_CHUNK) * COLUMNS + column] ?? 0;
  }

  #set(row: number, column: number, value: number): void {
    const chunk = this.#chunks[Math.floor(row / ROWS_IN_CHUNK)];
    if (chunk !== undefined) chunk[(row % ROWS_IN_CHUNK) * COLUMNS + column] = value;
  }
}
