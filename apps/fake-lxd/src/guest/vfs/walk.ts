/** Path resolution: component by component, through mounts and symlinks, with search permission at each step. */
import { Errno } from "../core/errno.ts";
import type { OpenFile } from "../core/open-file.ts";
import { type Credentials, require, X_OK } from "./credentials.ts";
import type { Location, MountTable } from "./mount.ts";
import { type Asker, type Rights, S_IFDIR, S_IFLNK, S_IFMT, type Stat } from "./types.ts";

const linksMax = 40;
const nameLengthMax = 255;
const pathLengthMax = 4096;
const SLASH = 0x2f;

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

export function rightsOf(place: Location, asker: Asker): Readonly<Rights> {
  return place.mount.fs.rights(place.node, asker);
}

export function isDirectory(place: Location, asker: Asker): boolean {
  return (rightsOf(place, asker).mode & S_IFMT) === S_IFDIR;
}

/** Nothing to go on with: said rather than thrown, for whoever looks in many places. */
type Lost = "ENOENT" | "ENOTDIR";

/** Fails with ENOENT only when a directory on the way is missing; the last component may be. */
export function walk(view: View, path: string, follow = true): Walked {
  const result = attemptWalk(view, path, follow);
  if (typeof result === "string") throw new Errno(result);
  return result;
}

/** Like `walk`, but tells of a directory that is missing without an error. */
export function attemptWalk(view: View, path: string, follow = true): Walked | Lost {
  if (path === "") return "ENOENT";
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

/** Each component is one of the hottest steps of a guest: nothing is made for those on the way but where they lead. */
function step(view: View, from: Location, path: string, follow: boolean, links: { count: number }): Walked | Lost {
  const directoryWanted = path.endsWith("/") || path.endsWith("/.");
  let at = view.mounts.enter(from);
  let begin = afterSlashes(path, 0);
  if (begin === path.length) return { parent: at, name: "", found: at, opened: undefined, directoryWanted };
  for (;;) {
    const slash = path.indexOf("/", begin);
    const end = slash < 0 ? path.length : slash;
    const name = path.slice(begin, end);
    begin = afterSlashes(path, end);
    if (begin === path.length) {
      const result = component(view, at, name, follow || directoryWanted, links);
      if (typeof result === "string" || !directoryWanted || result.directoryWanted) return result;
      return { ...result, directoryWanted };
    }
    const next = directory(view, at, name, links);
    if (typeof next === "string") return next;
    at = next;
  }
}

function afterSlashes(path: string, index: number): number {
  let at = index;
  while (at < path.length && path.charCodeAt(at) === SLASH) at += 1;
  return at;
}

function walked(parent: Location, name: string, found: Location | undefined): Walked {
  return { parent, name, found, opened: undefined, directoryWanted: false };
}

/** The last component of a path. */
function component(view: View, at: Location, name: string, follow: boolean, links: { count: number }): Walked | Lost {
  requireSearch(view, at);
  if (name === ".") return walked(at, "", at);
  if (name === "..") {
    const up = view.mounts.parent(at);
    return walked(up, "", up);
  }
  const found = child(view, at, name);
  if (found === undefined || !follow || !isLink(view, found)) return walked(at, name, found);
  return followLink(view, at, found, name, links);
}

/** One on the way, where there must be something. */
function directory(view: View, at: Location, name: string, links: { count: number }): Location | Lost {
  requireSearch(view, at);
  if (name === ".") return at;
  if (name === "..") return view.mounts.parent(at);
  const place = child(view, at, name);
  if (place === undefined) return "ENOENT";
  if (!isLink(view, place)) return place;
  const result = followLink(view, at, place, name, links);
  if (typeof result === "string") return result;
  return result.found ?? (result.opened ? "ENOTDIR" : "ENOENT");
}

function requireSearch(view: View, at: Location): void {
  const rights = rightsOf(at, view.asker);
  if ((rights.mode & S_IFMT) !== S_IFDIR) throw new Errno("ENOTDIR");
  require(view.credentials, rights, X_OK);
}

function isLink(view: View, place: Location): boolean {
  return (rightsOf(place, view.asker).mode & S_IFMT) === S_IFLNK;
}

/** With what is mounted there; undefined: no such name. */
function child(view: View, at: Location, name: string): Location | undefined {
  if (name.length > nameLengthMax) throw new Errno("ENAMETOOLONG");
  const node = at.mount.fs.lookup(at.node, name, view.asker);
  if (node === undefined) return undefined;
  const path = at.path === "/" ? `/${name}` : `${at.path}/${name}`;
  return view.mounts.enter({ mount: at.mount, node, path });
}

function followLink(view: View, at: Location, link: Location, name: string, links: { count: number }): Walked | Lost {
  if (++links.count > linksMax) throw new Errno("ELOOP");
  const opened = link.mount.fs.magic?.(link.node, view.asker);
  if (opened?.location) return { parent: at, name, found: opened.location, opened: undefined, directoryWanted: false };
  if (opened) return { parent: at, name, found: undefined, opened, directoryWanted: false };
  const target = link.mount.fs.readlink(link.node, view.asker);
  if (target === "") throw new Errno("ENOENT");
  return step(view, target.startsWith("/") ? view.mounts.root : at, target, true, links);
}
