/** The real host's files and sockets, through node:fs and node:net. */
import fs from "node:fs";
import net from "node:net";
import type { Duplex } from "node:stream";
import type { Host, HostHandle } from "./types.ts";

const { O_CREAT, O_EXCL, O_WRONLY } = fs.constants;

function bytes(path: string): Buffer {
  return Buffer.from(path, "latin1");
}

function open(path: string, flags: number): HostHandle {
  const fd = fs.openSync(bytes(path), flags);
  return {
    read: (buffer, position) => fs.readSync(fd, buffer, 0, buffer.length, position),
    write: (data, position) => fs.writeSync(fd, data, 0, data.length, position),
    stat: () => fs.fstatSync(fd),
    truncate: (size) => fs.ftruncateSync(fd, size),
    close: () => fs.closeSync(fd),
  };
}

function connect(path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: bytes(path).toString(), allowHalfOpen: true });
    socket.once("connect", () => {
      socket.on("error", () => {});
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

function listen(path: string, onConnection: (socket: Duplex) => void): Promise<Disposable> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(bytes(path).toString(), () => resolve({ [Symbol.dispose]: () => void server.close() }));
  });
}

export const systemHost: Host = {
  lstat: (path) => fs.lstatSync(bytes(path)),
  list: (path) => fs.readdirSync(bytes(path), { encoding: "latin1" }),
  readlink: (path) => fs.readlinkSync(bytes(path), { encoding: "latin1" }),
  realpath: (path) => fs.realpathSync(bytes(path), { encoding: "latin1" }),
  mkdir: (path, mode) => fs.mkdirSync(bytes(path), mode),
  symlink: (target, path) => fs.symlinkSync(bytes(target), bytes(path)),
  createFile: (path, mode) => fs.closeSync(fs.openSync(bytes(path), O_CREAT | O_EXCL | O_WRONLY, mode)),
  link: (existing, path) => fs.linkSync(bytes(existing), bytes(path)),
  unlink: (path) => fs.unlinkSync(bytes(path)),
  rmdir: (path) => fs.rmdirSync(bytes(path)),
  rename: (from, to) => fs.renameSync(bytes(from), bytes(to)),
  chown: (path, uid, gid) => fs.lchownSync(bytes(path), uid, gid),
  chmod: (path, mode) => fs.chmodSync(bytes(path), mode),
  setTime: (path, mtimeMs) => fs.lutimesSync(bytes(path), mtimeMs / 1000, mtimeMs / 1000),
  open,
  connect,
  listen,
};
