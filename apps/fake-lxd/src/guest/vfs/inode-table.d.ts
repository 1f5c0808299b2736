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
export declare class InodeTable {
  #private;
  constructor(base?: ReadonlyMap<number, Inode>, next?: number);
  get(ino: number): Inode | undefined;
  /** The inode for changing: copied from the base at the first time. */
  own(ino: number): Inode | undefined;
  add(inode: Omit<Inode, "ino">): Inode;
  delete(ino: number): void;
  /** A table with the same content; from now on neither sees the other's changes. */
  fork(): InodeTable;
}
