/** The host's files as fake-lxd's guests reach them by bind mounts. What guests append is kept in a ledger: the truth about their output. */
import type { Host, HostHandle, HostStat } from "@lxe/fake-lxd";
import { constants } from "node:fs";
import type { Disk, DiskNode, NodeKind } from "./disk.ts";

const { O_TRUNC, S_IFDIR, S_IFREG, S_IFSOCK } = constants;
const KIND_BITS: Readonly<Record<NodeKind, number>> = { file: S_IFREG, directory: S_IFDIR, socket: S_IFSOCK };

function statOf(node: DiskNode): HostStat {
  const { inode, kind, mode, uid, gid, links, size, modifiedMs } = node;
  const times = { mtimeMs: modifiedMs, ctimeMs: modifiedMs, atimeMs: modifiedMs };
  return { dev: 1, ino: inode, mode: KIND_BITS[kind] | mode, nlink: links, uid, gid, rdev: 0, size, ...times };
}

function refused(): Error {
  return Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
}

function unsupported(): never {
  throw Object.assign(new Error("not on the simulated disk"), { code: "EPERM" });
}

/** `onWrite` gets all that guests write, with the path it was opened by. */
export function guestHostOn(disk: Disk, onWrite: (path: string, data: Uint8Array) => void): Host {
  const open = (path: string, flags: number): HostHandle => {
    const node = disk.get(path);
    if (flags & O_TRUNC) disk.truncate(node, 0);
    return {
      read: (buffer, position) => disk.read(node, buffer, position),
      write: (data, position) => {
        const count = disk.withRoom(() => disk.write(node, data, position));
        onWrite(path, data);
        return count;
      },
      stat: () => statOf(node),
      truncate: (size) => disk.truncate(node, size),
      close: () => undefined,
    };
  };
  return {
    lstat: (path) => statOf(disk.get(path)),
    list: (path) => [...disk.get(path).children.keys()],
    readlink: unsupported,
    realpath: (path) => {
      disk.get(path);
      return path;
    },
    mkdir: (path, mode) => void disk.create(path, "directory", mode),
    symlink: unsupported,
    createFile: (path, mode) => void disk.create(path, "file", mode),
    link: unsupported,
    unlink: (path) => disk.unlink(path),
    rmdir: (path) => disk.rmdir(path),
    rename: (from, to) => disk.rename(from, to),
    chown: (path, uid, gid) => {
      const node = disk.get(path);
      if (uid >= 0) node.uid = uid;
      if (gid >= 0) node.gid = gid;
    },
    chmod: (path, mode) => {
      disk.get(path).mode = mode;
    },
    setTime: (path, mtimeMs) => {
      disk.get(path).modifiedMs = mtimeMs;
    },
    open: (path, flags) => open(path, flags),
    connect: async (path) => {
      const { accept } = disk.get(path);
      if (accept === undefined) throw refused();
      return accept();
    },
    listen: unsupported,
  };
}
