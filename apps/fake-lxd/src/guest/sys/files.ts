/** System calls about files by name. Synchronous, except `open` of a fifo, which waits for the other end. */
import { Errno } from "../core/errno.ts";
import {
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  type OpenFile,
} from "../core/open-file.ts";
import { PipeEnd } from "../core/pipe.ts";
import type { Process } from "../core/process.ts";
import { owns, permitted, R_OK, require, W_OK, X_OK } from "../vfs/credentials.ts";
import { openDevice } from "../vfs/devices.ts";
import type { Location } from "../vfs/mount.ts";
import {
  type Attributes,
  type FileType,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFSOCK,
  type Stat,
} from "../vfs/types.ts";
import { isDirectory, locate, rightsOf, statOf, type View, walk, type Walked } from "../vfs/walk.ts";

/** A process, or the host at work on a guest's files. */
export interface Actor extends View {
  readonly umask: number;
  alive(): void;
}

export function stat(actor: Actor, path: string): Stat {
  actor.alive();
  const walked = walk(actor, path);
  if (walked.opened) return walked.opened.stat();
  if (!walked.found) throw new Errno("ENOENT");
  const result = statOf(walked.found, actor.asker);
  if (walked.directoryWanted && (result.mode & S_IFMT) !== S_IFDIR) throw new Errno("ENOTDIR");
  return result;
}

export function lstat(actor: Actor, path: string): Stat {
  actor.alive();
  return statOf(locate(actor, path, false), actor.asker);
}

export function exists(actor: Actor, path: string): boolean {
  try {
    stat(actor, path);
    return true;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}

/** As access(2): throws when one of the wanted rights is missing. */
export function access(actor: Actor, path: string, wanted: number): void {
  actor.alive();
  const walked = walk(actor, path);
  if (walked.opened) return;
  if (!walked.found) throw new Errno("ENOENT");
  require(actor.credentials, rightsOf(walked.found, actor.asker), wanted);
  if (wanted & W_OK && walked.found.mount.readonly) throw new Errno("EROFS");
}

export function realpath(actor: Actor, path: string): string {
  actor.alive();
  return locate(actor, path).path;
}

export function readlink(actor: Actor, path: string): string {
  actor.alive();
  const place = locate(actor, path, false);
  if ((statOf(place, actor.asker).mode & S_IFMT) !== S_IFLNK) throw new Errno("EINVAL");
  return place.mount.fs.readlink(place.node, actor.asker);
}

/** Names in byte order, without `.` and `..`. */
export function readdir(actor: Actor, path: string): string[] {
  actor.alive();
  const place = locate(actor, path);
  const info = statOf(place, actor.asker);
  if ((info.mode & S_IFMT) !== S_IFDIR) throw new Errno("ENOTDIR");
  require(actor.credentials, info, R_OK);
  return place.mount.fs.list(place.node, actor.asker).toSorted((a, b) => (a < b ? -1 : 1));
}

export async function open(process: Process, path: string, flags: number, mode = 0o666): Promise<OpenFile> {
  const held = process.enter();
  if (held !== undefined) await held;
  const opened = openNow(process, path, flags, mode);
  if (opened instanceof PipeEnd && !(flags & O_NONBLOCK)) await otherEnd(process, opened);
  return opened;
}

async function otherEnd(process: Process, end: PipeEnd): Promise<void> {
  if (end.readable && end.writable) return;
  try {
    await process.block(
      end.pipe.changed,
      () => (end.readable ? end.pipe.writers > 0 || end.pipe.size > 0 : end.pipe.readers > 0) || undefined,
    );
  } catch (error) {
    end.acquire().release();
    throw error;
  }
}

/** Everything of `open` but the waiting. */
export function openNow(actor: Actor, path: string, flags: number, mode = 0o666): OpenFile {
  actor.alive();
  const follow = !(flags & O_NOFOLLOW) && !(flags & O_CREAT && flags & O_EXCL);
  const walked = walk(actor, path, follow);
  if (walked.opened) return walked.opened.reopen(flags);
  const place = walked.found ?? createForOpen(actor, walked, flags, mode);
  return openPlace(actor, place, walked, flags, walked.found !== undefined);
}

function createForOpen(actor: Actor, walked: Walked, flags: number, mode: number): Location {
  if (!(flags & O_CREAT)) throw new Errno("ENOENT");
  if (walked.directoryWanted) throw new Errno("EISDIR");
  return make(actor, walked, "file", mode);
}

function openPlace(actor: Actor, place: Location, walked: Walked, flags: number, existed: boolean): OpenFile {
  const info = statOf(place, actor.asker);
  const kind = info.mode & S_IFMT;
  const writing = (flags & O_ACCMODE) !== 0 || (flags & O_TRUNC) !== 0;
  if (existed) {
    if (flags & O_CREAT && flags & O_EXCL) throw new Errno("EEXIST");
    if (kind === S_IFDIR && (writing || flags & O_CREAT)) throw new Errno("EISDIR");
    if (kind !== S_IFDIR && (flags & O_DIRECTORY || walked.directoryWanted)) throw new Errno("ENOTDIR");
    requireAccess(actor, info, flags);
    if (writing && kind !== S_IFCHR && kind !== S_IFBLK && (place.mount.readonly || place.mount.fs.readonly))
      throw new Errno("EROFS");
  }
  if (kind === S_IFSOCK) throw new Errno("ENXIO");
  const file =
    kind === S_IFCHR || kind === S_IFBLK
      ? openDevice(info.rdev, flags, actor.asker)
      : place.mount.fs.open(place.node, flags, actor.asker);
  file.location ??= place;
  if (flags & O_TRUNC && existed && file.location === place && kind !== S_IFCHR && !(file instanceof PipeEnd))
    file.truncate(0);
  return file;
}

function requireAccess(actor: Actor, info: Stat, flags: number): void {
  const mode = flags & O_ACCMODE;
  if (mode !== O_WRONLY) require(actor.credentials, info, R_OK);
  if (mode === O_WRONLY || mode === O_RDWR || flags & O_TRUNC) require(actor.credentials, info, W_OK);
}

/** Makes the last component of a walked path. */
function make(
  actor: Actor,
  walked: Walked,
  type: FileType,
  mode: number,
  extra: { target?: string; rdev?: number } = {},
): Location {
  const { parent, name } = walked;
  if (name === "") throw new Errno("EEXIST");
  requireChange(actor, parent);
  const info = rightsOf(parent, actor.asker);
  const gid = info.mode & 0o2000 ? info.gid : actor.credentials.egid;
  const inherited = type === "directory" && info.mode & 0o2000 ? 0o2000 : 0;
  const permissions = type === "symlink" ? 0o777 : (mode & ~actor.umask) | inherited;
  const node = parent.mount.fs.create(parent.node, name, {
    type,
    mode: permissions,
    uid: actor.credentials.euid,
    gid,
    ...extra,
  });
  return { mount: parent.mount, node, path: parent.path === "/" ? `/${name}` : `${parent.path}/${name}` };
}

/** Whether names may be added to or taken from this directory. */
export function requireChange(actor: Actor, directory: Location): void {
  require(actor.credentials, rightsOf(directory, actor.asker), W_OK | X_OK);
  if (directory.mount.readonly || directory.mount.fs.readonly) throw new Errno("EROFS");
}

function requireRemovable(actor: Actor, directory: Location, place: Location): void {
  requireChange(actor, directory);
  if (place.mount !== directory.mount) throw new Errno("EBUSY");
  const info = statOf(directory, actor.asker);
  if (info.mode & 0o1000 && !owns(actor.credentials, info) && !owns(actor.credentials, statOf(place, actor.asker)))
    throw new Errno("EPERM");
}

function makeNew(
  actor: Actor,
  path: string,
  type: FileType,
  mode: number,
  extra?: { target?: string; rdev?: number },
): void {
  actor.alive();
  const walked = walk(actor, path, false);
  if (walked.found || walked.opened) throw new Errno("EEXIST");
  if (walked.directoryWanted && type !== "directory") throw new Errno("ENOENT");
  make(actor, walked, type, mode, extra);
}

export function mkdir(actor: Actor, path: string, mode = 0o777): void {
  makeNew(actor, path, "directory", mode);
}

export function symlink(actor: Actor, target: string, path: string): void {
  makeNew(actor, path, "symlink", 0o777, { target });
}

export function mkfifo(actor: Actor, path: string, mode = 0o666): void {
  makeNew(actor, path, "fifo", mode);
}

export function mknod(actor: Actor, path: string, type: FileType, mode: number, rdev: number): void {
  makeNew(actor, path, type, mode, { rdev });
}

export function link(actor: Actor, from: string, to: string): void {
  actor.alive();
  const source = locate(actor, from, false);
  const walked = walk(actor, to, false);
  if (walked.found) throw new Errno("EEXIST");
  if (walked.parent.mount !== source.mount) throw new Errno("EXDEV");
  if (isDirectory(source, actor.asker)) throw new Errno("EPERM");
  requireChange(actor, walked.parent);
  source.mount.fs.link(walked.parent.node, walked.name, source.node);
}

export function unlink(actor: Actor, path: string): void {
  actor.alive();
  const walked = walk(actor, path, false);
  if (!walked.found) throw new Errno("ENOENT");
  if (isDirectory(walked.found, actor.asker)) throw new Errno("EISDIR");
  if (walked.directoryWanted) throw new Errno("ENOTDIR");
  requireRemovable(actor, walked.parent, walked.found);
  walked.parent.mount.fs.unlink(walked.parent.node, walked.name);
}

export function rmdir(actor: Actor, path: string): void {
  actor.alive();
  const walked = walk(actor, path, false);
  if (!walked.found) throw new Errno("ENOENT");
  if (!isDirectory(walked.found, actor.asker)) throw new Errno("ENOTDIR");
  if (walked.name === "") throw new Errno(path.endsWith("..") ? "ENOTEMPTY" : path === "/" ? "EBUSY" : "EINVAL");
  requireRemovable(actor, walked.parent, walked.found);
  walked.parent.mount.fs.rmdir(walked.parent.node, walked.name);
}

export function rename(actor: Actor, from: string, to: string): void {
  actor.alive();
  const source = walk(actor, from, false);
  const target = walk(actor, to, false);
  if (!source.found) throw new Errno("ENOENT");
  if (source.name === "" || target.name === "") throw new Errno("EBUSY");
  if (source.parent.mount !== target.parent.mount) throw new Errno("EXDEV");
  requireRemovable(actor, source.parent, source.found);
  if (target.found) requireRemovable(actor, target.parent, target.found);
  else requireChange(actor, target.parent);
  source.parent.mount.fs.rename(source.parent.node, source.name, target.parent.node, target.name);
}

export function chmod(actor: Actor, path: string, mode: number): void {
  change(actor, path, { mode }, true);
}

export function chown(
  actor: Actor,
  path: string,
  uid: number | undefined,
  gid: number | undefined,
  follow = true,
): void {
  actor.alive();
  const place = locate(actor, path, follow);
  const info = statOf(place, actor.asker);
  const { euid, egid, groups } = actor.credentials;
  const groupOnly = uid === undefined || uid === info.uid;
  const ownGroup = gid === undefined || gid === egid || groups.includes(gid);
  if (euid !== 0 && !(groupOnly && ownGroup && euid === info.uid)) throw new Errno("EPERM");
  if (info.foreign) throw new Errno("EPERM");
  requireWritableMount(place);
  const attributes: Attributes = {};
  if (uid !== undefined) attributes.uid = uid;
  if (gid !== undefined) attributes.gid = gid;
  place.mount.fs.setAttributes(place.node, attributes);
}

/** Sets the modification time; whoever may write may set it to now. */
export function utimes(actor: Actor, path: string, mtimeMs: number, isNow: boolean): void {
  actor.alive();
  const place = locate(actor, path);
  const info = statOf(place, actor.asker);
  requireWritableMount(place);
  if (!owns(actor.credentials, info) && !(isNow && permitted(actor.credentials, info, W_OK)))
    throw new Errno(isNow ? "EACCES" : "EPERM");
  place.mount.fs.setAttributes(place.node, { mtimeMs });
}

function change(actor: Actor, path: string, attributes: Attributes, follow: boolean): void {
  actor.alive();
  const place = locate(actor, path, follow);
  if (!owns(actor.credentials, statOf(place, actor.asker))) throw new Errno("EPERM");
  requireWritableMount(place);
  place.mount.fs.setAttributes(place.node, attributes);
}

function requireWritableMount(place: Location): void {
  if (place.mount.readonly || place.mount.fs.readonly) throw new Errno("EROFS");
}

export function chdir(process: Process, path: string): void {
  process.alive();
  const place = locate(process, path);
  const info = statOf(place, process);
  if ((info.mode & S_IFMT) !== S_IFDIR) throw new Errno("ENOTDIR");
  require(process.credentials, info, X_OK);
  process.cwd = place;
}
