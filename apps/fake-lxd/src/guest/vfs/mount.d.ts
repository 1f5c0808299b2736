/** The mounts of one guest, and where a path leads in them. */
import type { FileSystem, NodeId } from "./types.ts";
export interface Mount {
  readonly id: number;
  readonly fs: FileSystem;
  readonly root: NodeId;
  /** Null for the root of the tree. */
  readonly at: Location | null;
  readonly path: string;
  readonly source: string;
  readonly readonly: boolean;
  readonly options: readonly string[];
}
/** A file: which mount, which node, and the absolute path that led there, symlinks resolved. */
export interface Location {
  readonly mount: Mount;
  readonly node: NodeId;
  readonly path: string;
}
export declare class MountTable {
  #private;
  readonly root: Location;
  constructor(fs: FileSystem, root: NodeId, readonly: boolean, source: string);
  list(): readonly Mount[];
  add(at: Location, what: Pick<Mount, "fs" | "root" | "source" | "readonly" | "options">): Mount;
  remove(mount: Mount): void;
  /** Whether something is mounted below it. */
  busy(mount: Mount): boolean;
  /** The root of what is mounted here (the topmost), or the place itself. */
  enter(place: Location): Location;
  parent(place: Location): Location;
}
