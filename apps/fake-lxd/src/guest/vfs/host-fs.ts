/**
 * A directory or file of the host as a file system of a guest, through node:fs. Nodes are host paths, so a symlink swap or a rename on the
 * host shows at once. Symlinks are never followed on the host side: the guest's path walk does that in the guest's tree.
 */
import fs from "node:fs";
import { fromBuffer, toBuffer } from "../core/bytes.ts";
import { Errno, errnoOfHost } from "../core/errno.ts";
import { O_ACCMODE, O_APPEND, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, type OpenFile } from "../core/open-file.ts";
import { attempt } from "./attempt.ts";
import { HostFile } from "./host-file.ts";
import { type IdMap, overflowId } from "./ids.ts";
import {
  type Attributes,
  type FileSystem,
  type NewNode,
  type NodeId,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  type Stat,
} from "./types.ts";

export class HostFs implements FileSystem {
  readonly type = "ext4";
  readonly readonly = false;
  readonly root: string;
  readonly #ids: IdMap;

  constructor(root: string, ids: IdMap) {
    this.root = root;
    this.#ids = ids;
  }

  hostPath(node: NodeId): string {
    return node as string;
  }

  stat(node: NodeId): Stat {
    return this.convert(attempt(() => fs.lstatSync(toBuffer(node as string))));
  }

  convert(stat: fs.Stats): Stat {
    const uid = this.#ids.toGuest(stat.uid);
    const gid = this.#ids.toGuest(stat.gid);
    const { dev, ino, mode, nlink, size, mtimeMs, ctimeMs, atimeMs } = stat;
    const rdev = ((stat.rdev >> 8) & 0xfff) * 256 + (stat.rdev & 0xff);
    const shown: Stat = {
      dev,
      ino,
      mode,
      nlink,
      uid: uid ?? overflowId,
      gid: gid ?? overflowId,
      rdev,
      size,
      mtimeMs,
      ctimeMs,
      atimeMs,
    };
    if (uid === undefined) shown.foreign = true;
    return shown;
  }

  lookup(directory: NodeId, name: string): NodeId | undefined {
    const path = join(directory, name);
    try {
      fs.lstatSync(toBuffer(path));
      return path;
    } catch (error) {
      const failure = errnoOfHost(error);
      if (failure.code === "ENOENT") return undefined;
      throw failure;
    }
  }

  parent(node: NodeId): NodeId {
    const path = node as string;
    return path.slice(0, Math.max(1, path.lastIndexOf("/")));
  }

  list(directory: NodeId): string[] {
    const names = attempt(() => fs.readdirSync(toBuffer(directory as string), { encoding: "buffer" }));
    return names.map(fromBuffer);
  }

  readlink(node: NodeId): string {
    return fromBuffer(attempt(() => fs.readlinkSync(toBuffer(node as string), { encoding: "buffer" })));
  }

  create(directory: NodeId, name: string, what: NewNode): NodeId {
    const path = join(directory, name);
    const raw = toBuffer(path);
    attempt(() => {
      if (what.type === "directory") fs.mkdirSync(raw, what.mode);
      else if (what.type === "symlink") fs.symlinkSync(toBuffer(what.target ?? ""), raw);
      else if (what.type === "file")
        fs.closeSync(fs.openSync(raw, fs.constants.O_CREAT | O_EXCL | fs.constants.O_WRONLY, what.mode));
      else throw new Errno("EPERM");
    });
    this.#give(raw, what);
    return path;
  }

  link(directory: NodeId, name: string, node: NodeId): void {
    attempt(() => fs.linkSync(toBuffer(node as string), toBuffer(join(directory, name))));
  }

  unlink(directory: NodeId, name: string): void {
    attempt(() => fs.unlinkSync(toBuffer(join(directory, name))));
  }

  rmdir(directory: NodeId, name: string): void {
    attempt(() => fs.rmdirSync(toBuffer(join(directory, name))));
  }

  rename(from: NodeId, fromName: string, to: NodeId, toName: string): void {
    attempt(() => fs.renameSync(toBuffer(join(from, fromName)), toBuffer(join(to, toName))));
  }

  setAttributes(node: NodeId, { mode, uid, gid, mtimeMs }: Attributes): void {
    const raw = toBuffer(node as string);
    attempt(() => {
      if (uid !== undefined || gid !== undefined) {
        fs.lchownSync(
          raw,
          uid === undefined ? -1 : this.#ids.toHost(uid),
          gid === undefined ? -1 : this.#ids.toHost(gid),
        );
      }
      if (mode !== undefined) fs.chmodSync(raw, mode & 0o7777);
      if (mtimeMs !== undefined) fs.lutimesSync(raw, mtimeMs / 1000, mtimeMs / 1000);
    });
  }

  open(node: NodeId, flags: number): OpenFile {
    const type = this.stat(node).mode & S_IFMT;
    if (type === S_IFLNK) throw new Errno("ELOOP");
    // A host fifo would block the whole event loop until its other end is opened.
    if (type === S_IFIFO) throw new Errno("ENXIO");
    const kept = flags & (O_ACCMODE | O_APPEND | O_TRUNC);
    const raw = toBuffer(node as string);
    return new HostFile(
      this,
      attempt(() => fs.openSync(raw, kept | O_NOFOLLOW | O_NONBLOCK)),
      flags,
    );
  }

  /** The creator owns the file; without the right to give it away it stays with the user that runs the fake. */
  #give(raw: Buffer, what: NewNode): void {
    try {
      fs.lchownSync(raw, this.#ids.toHost(what.uid), this.#ids.toHost(what.gid));
      if (what.type !== "symlink") fs.chmodSync(raw, what.mode & 0o7777);
    } catch (error) {
      if (errnoOfHost(error).code !== "EPERM") throw errnoOfHost(error);
    }
  }
}

function join(directory: NodeId, name: string): string {
  return directory === "/" ? `/${name}` : `${directory as string}/${name}`;
}
