/** A file of an image: what it is, and where its content lies. Several names may share one. */
import type { TarKind } from "../tar/entry.ts";

export interface Inode {
  readonly kind: Exclude<TarKind, "hardlink">;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeS: number;
  readonly size: number;
  /** Of a symbolic link. */
  readonly target: string;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: ReadonlyMap<string, string> | undefined;
  /** Where its content lies: the layer, by its place from the lowest one, and the position in it. */
  readonly layer: number;
  readonly offset: number;
}

const IMPLIED_MODE = 0o755;
export const NOTHING = {
  uid: 0,
  gid: 0,
  mtimeS: 0,
  size: 0,
  target: "",
  devMajor: 0,
  devMinor: 0,
  xattrs: undefined,
  offset: 0,
};

/** A directory that the layers do not mention. */
export function impliedDirectory(layer: number, mode: number = IMPLIED_MODE): Inode {
  return { ...NOTHING, kind: "directory", mode, layer };
}

export function emptyFile(layer: number): Inode {
  return { ...NOTHING, kind: "file", mode: 0o644, layer };
}
