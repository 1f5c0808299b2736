/** Path resolution: component by component, through mounts and symlinks, with search permission at each step. */
import { Errno } from "../core/errno.ts";
import type { OpenFile } from "../core/open-file.ts";
import { type Credentials, require, X_OK } from "./credentials.ts";
import type { Location, MountTable } from "./mount.ts";
import { type Asker, S_IFDIR, S_IFLNK, S_IFMT, type Stat } from "./types.ts";

const linksMax = 40;
const nameLengthMax = 255;
const pathLengthMax = 4096;

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

export function statOf(place: Location, asker: Asker): Stat {
  return place.mount.fs.stat(place.node, asker);
}

export function isDirectory(place: Location, asker: Asker): boolean {
  return (statOf(place, asker).mode & S_IFMT) === S_IFDIR;
}

/** Fails with ENOENT only when a directory on the way is missing; the last component may be. */
export function walk(view: View, path: string, follow = true): Walked {
  if (path === "") throw new Errno("ENOENT");
  if (path.length > pathLengthMax) throw new Errno("ENAMETOOLONG");
  return step(view, path.startsWith("/") ? view.mounts.root : view.cwd, path, follow, { count: 0 });
}

/** Like `walk`, but there must be something. */
export function locate(view: View, path: string, follow = true): Location {
  const { found, directoryWanted } = walk(view, path, follow);
  if (!found) throw new Errno("ENOENT");
  if (directoryWanted && !isDirectory(found, view.asker)) throw new Errno("ENOTDIR");
  return found;
}

function step(view: View, from: Location, path: string, follow: boolean, links: { count: number }): Walked {
  const parts = path.split("/").filter((part) => part !== "");
  const directoryWanted = /\/\.?$/.test(path);
  let at = view.mounts.enter(from);
  let result: Walked = { parent: at, name: "", found: at, opened: undefined, directoryWanted };
  const lastIndex = parts.length - 1;
  for (let index = 0; index <= lastIndex; index++) {
    const last = index === lastIndex;
    result = component(view, at, parts[index] as string, !last || follow || directoryWanted, links);
    if (last) return directoryWanted && !result.directoryWanted ? { ...result, directoryWanted } : result;
    if (!result.found) throw new Errno(result.opened ? "ENOTDIR" : "ENOENT");
    at = result.found;
  }
  return result;
}

function walked(parent: Location, name: string, found: Location | undefined): Walked {
  return { parent, name, found, opened: undefined, directoryWanted: false };
}

function component(view: View, at: Location, name: string, follow: boolean, links: { count: number }): Walked {
  const stat = statOf(at, view.asker);
  if ((stat.mode & S_IFMT) !== S_IFDIR) throw new Errno("ENOTDIR");
  require(view.credentials, stat, X_OK);
  if (name === ".") return walked(at, "", at);
  if (name === "..") {
    const up = view.mounts.parent(at);
    return walked(up, "", up);
  }
  if (name.length > nameLengthMax) throw new Errno("ENAMETOOLONG");
  const node = at.mount.fs.lookup(at.node, name, view.asker);
  if (node === undefined) return walked(at, name, undefined);
  const path = at.path === "/" ? `/${name}` : `${at.path}/${name}`;
  const found = view.mounts.enter({ mount: at.mount, node, path });
  if (!follow || (statOf(found, view.asker).mode & S_IFMT) !== S_IFLNK) return walked(at, name, found);
  return followLink(view, at, found, name, links);
}

function followLink(view: View, at: Location, link: Location, name: string, links: { count: number }): Walked {
  if (++links.count > linksMax) throw new Errno("ELOOP");
  const opened = link.mount.fs.magic?.(link.node, view.asker);
  if (opened?.location) return { parent: at, name, found: opened.location, opened: undefined, directoryWanted: false };
  if (opened) return { parent: at, name, found: undefined, opened, directoryWanted: false };
  const target = link.mount.fs.readlink(link.node, view.asker);
  if (target === "") throw new Errno("ENOENT");
  return step(view, target.startsWith("/") ? view.mounts.root : at, target, true, links);
}
