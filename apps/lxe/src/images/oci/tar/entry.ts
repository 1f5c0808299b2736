/**
 * An entry of a tar archive. Text is one character for each byte (latin1): names need not be UTF-8, and values of extended
 * attributes rarely are. The project's tar library decodes both as UTF-8, which is why layers are not read with it.
 */

export type TarKind = "file" | "directory" | "symlink" | "hardlink" | "char" | "block" | "fifo";

export interface TarEntry {
  readonly kind: TarKind;
  readonly name: string;
  /** Of symbolic and hard links. */
  readonly linkname: string;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since the epoch. */
  readonly mtimeS: number;
  /** Bytes of content; 0 for all but files. */
  readonly size: number;
  readonly devMajor: number;
  readonly devMinor: number;
  /** Value by name; undefined where there are none. */
  readonly xattrs: ReadonlyMap<string, string> | undefined;
}

export const BLOCK_BYTES = 512;

/** Bytes from the end of content to the next block. */
export function paddingOf(size: number): number {
  return -size & (BLOCK_BYTES - 1);
}
