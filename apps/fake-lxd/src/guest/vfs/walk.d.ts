import type { OpenFile } from "../core/open-file.ts";
import { type Credentials } from "./credentials.ts";
import type { Location, MountTable } from "./mount.ts";
import { type Asker, type Stat } from "./types.ts";
/** What a path is resolved against. */
export interface View {
  readonly mounts: MountTable;
  readonly cwd: Location;
  readonly credentials: Credentials;
  /** The process, for /proc/self; undefined for the host. */
  readonly asker: Asker;
}
export interface Walked {
  /** The directory that holds (or would hold) the name. */
  readonly parent: Location;
  /** Empty when the path is `/` or ends with `.` or `..`. */
  readonly name: string;
  /** Undefined: nothing there. */
  readonly found: Location | undefined;
  /** A link of /proc that leads to something without a path. */
  readonly opened: OpenFile | undefined;
  /** The path ended with a slash: only a directory will do. */
  readonly directoryWanted: boolean;
}
export declare function statOf(place: Location, asker: Asker): Stat;
export declare function isDirectory(place: Location, asker: Asker): boolean;
/** Fails with ENOENT only when a directory on the way is missing; the last component may be. */
export declare function walk(view: View, path: string, follow?: boolean): Walked;
/** Like `walk`, but there must be something. */
export declare function locate(view: View, path: string, follow?: boolean): Location;
