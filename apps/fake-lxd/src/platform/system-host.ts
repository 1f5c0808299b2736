/** The real host's files and sockets, through node:fs and node:net. */
import fs from "node:fs";
import net from "node:net";
import type { Duplex } from "node:stream";
import type { Host, HostHandle } from "./types.ts";

const { O_CREAT, O_EXCL, O_WRONLY } = fs.constants;

function open(path: Buffer, flags: number): HostHandle {
  const fd = fs.openSync(path, flags);
  return {
    read: (buffer, position) => fs.readSync(fd, buffer, 0, buffer.length, position),
    write: (data, position) => fs.writeSync(fd, data, 0, data.length, position),
    stat: () => fs.fstatSync(fd),
    truncate: (size) => fs.ftruncateSync(fd, size),
    close: () => fs.closeSync(fd),
  };
}

function connect(path: Buffer): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: path.toString(), allowHalfOpen: true });
    socket.once("connect", () => {
      socket.on("error", () => {});
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

function listen(path: Buffer, onConnection: (socket: Duplex) => void): Promise<Disposable> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path.toString(), () => resolve({ [Symbol.dispose]: () => void server.close() }));
  });
}

export const systemHost: Host = {
  lstat: (path) => fs.lstatSync(path),
  list: (path) => fs.readdirSync(path, { encoding: "buffer" }),
  readlink: (path) => fs.readlinkSync(path, { encoding: "buffer" }),
  realpath: (path) => fs.realpathSync(path, { encoding: "buffer" }),
  mkdir: (path, mode) => fs.mkdirSync(path, mode),
  symlink: (target, path) => fs.symlinkSync(target, path),
  createFile: (path, mode) => fs.closeSync(fs.openSync(path, O_CREAT | O_EXCL | O_WRONLY, mode)),
  link: (existing, path) => fs.linkSync(existing, path),
  unlink: (path) => fs.unlinkSync(path),
  rmdir: (path) => fs.rmdirSync(path),
  rename: (from, to) => fs.renameSync(from, to),
  chown: (path, uid, gid) => fs.lchownSync(path, uid, gid),
  chmod: (path, mode) => fs.chmodSync(path, mode),
  setTime: (path, mtimeMs) => fs.lutimesSync(path, mtimeMs / 1000, mtimeMs / 1000),
  open,
  connect,
  listen,
};
