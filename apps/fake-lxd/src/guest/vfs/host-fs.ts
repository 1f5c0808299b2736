/**
 * A directory or file of the host as a file system of a guest. Nodes are host paths, so a symlink swap or a rename on the
 * host shows at once. Symlinks are never followed on the host side: the guest's path walk does that in the guest's tree.
 */
import { Errno, errnoOfHost } from "../core/errno.ts";
import { O_ACCMODE, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, type OpenFile } from "../core/open-file.ts";
import type { Host, HostStat } from "../../platform/types.ts";
import { attempt } from "./attempt.ts";
import { HostFile } from "./host-file.ts";
import { HostPipe } from "./host-pipe.ts";
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
  readonly #host: Host;
  readonly #ids: IdMap;

  constructor(host: Host, root: string, ids: IdMap) {
    this.#host = host;
    this.root = root;
    this.#ids = ids;
  }

  hostPath(node: NodeId): string {
    return node as string;
  }

  stat(node: NodeId): Stat {
    return this.convert(attempt(() => this.#host.lstat(node as string)));
  }

  rights(node: NodeId): Stat {
    return this.stat(node);
  }

  convert(stat: HostStat): Stat {
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
      this.#host.lstat(path);
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
    return attempt(() => this.#host.list(directory as string));
  }

  readlink(node: NodeId): string {
    return attempt(() => this.#host.readlink(node as string));
  }

  create(directory: NodeId, name: string, what: NewNode): NodeId {
    const path = join(directory, name);
    attempt(() => {
      if (what.type === "directory") this.#host.mkdir(path, what.mode);
      else if (what.type === "symlink") this.#host.symlink(what.target ?? "", path);
      else if (what.type === "file") this.#host.createFile(path, what.mode);
      else throw new Errno("EPERM");
    });
    this.#give(path, what);
    return path;
  }

  link(directory: NodeId, name: string, node: NodeId): void {
    attempt(() => this.#host.link(node as string, join(directory, name)));
  }

  unlink(directory: NodeId, name: string): void {
    attempt(() => this.#host.unlink(join(directory, name)));
  }

  rmdir(directory: NodeId, name: string): void {
    attempt(() => this.#host.rmdir(join(directory, name)));
  }

  rename(from: NodeId, fromName: string, to: NodeId, toName: string): void {
    attempt(() => this.#host.rename(join(from, fromName), join(to, toName)));
  }

  setAttributes(node: NodeId, { mode, uid, gid, mtimeMs }: Attributes): void {
    const path = node as string;
    attempt(() => {
      if (uid !== undefined || gid !== undefined) {
        this.#host.chown(
          path,
          uid === undefined ? -1 : this.#ids.toHost(uid),
          gid === undefined ? -1 : this.#ids.toHost(gid),
        );
      }
      if (mode !== undefined) this.#host.chmod(path, mode & 0o7777);
      if (mtimeMs !== undefined) this.#host.setTime(path, mtimeMs);
    });
  }

  open(node: NodeId, flags: number): OpenFile {
    const type = this.stat(node).mode & S_IFMT;
    if (type === S_IFLNK) throw new Errno("ELOOP");
    const kept = flags & (O_ACCMODE | O_APPEND | O_TRUNC);
    const path = node as string;
    const hostFlags = kept | O_NOFOLLOW | O_NONBLOCK;
    if (type === S_IFIFO) return HostPipe.open(this, path, hostFlags, flags);
    return new HostFile(
      this,
      attempt(() => this.#host.open(path, hostFlags)),
      flags,
    );
  }

  /** The creator owns the file; without the right to give it away it stays with the user that runs the fake. */
  #give(path: string, what: NewNode): void {
    try {
      this.#host.chown(path, this.#ids.toHost(what.uid), this.#ids.toHost(what.gid));
      if (what.type !== "symlink") this.#host.chmod(path, what.mode & 0o7777);
    } catch (error) {
      if (errnoOfHost(error).code !== "EPERM") throw errnoOfHost(error);
    }
  }
}

function join(directory: NodeId, name: string): string {
  return directory === "/" ? `/${name}` : `${directory as string}/${name}`;
}
