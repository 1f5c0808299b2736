/** Sockets of init programs: unix ones of the host's files, and TCP. */
import { Errno } from "../core/errno.ts";
import { O_CLOEXEC, O_RDWR, OpenFile, type Sleeper } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { connectTcp, TcpSocket } from "../net/tcp.ts";
import { acceptUnix, connectUnix, listenUnix, socketAt, UnixSocket } from "../net/unix-socket.ts";
import { anonymousStat, type Stat } from "../vfs/types.ts";
import { requireChange } from "../sys/files.ts";
import { walk } from "../vfs/walk.ts";
import { type InitCall, int, pointer } from "./arguments.ts";

const afUnix = 1;
const afInet = 2;
const afInet6 = 10;
const msgDontwait = 0x40;
const msgWaitall = 0x100;

/** A TCP socket before it is connected; connect(2) puts a connected one in its place. */
class IdleTcpSocket extends OpenFile {
  constructor() {
    super(O_RDWR);
  }

  async read(): Promise<Buffer> {
    throw new Errno("ENOTCONN");
  }

  async write(): Promise<number> {
    throw new Errno("ENOTCONN");
  }

  stat(): Stat {
    return anonymousStat("socket", 8);
  }
}

const socket: InitCall = (process, [family, type]) => {
  const closeOnExec = (int(type) & O_CLOEXEC) !== 0;
  switch (int(family)) {
    case afUnix:
      return process.fds.add(new UnixSocket(), closeOnExec);
    case afInet:
    case afInet6:
      return process.fds.add(new IdleTcpSocket(), closeOnExec);
    default:
      throw new Errno("EAFNOSUPPORT");
  }
};

const connect: InitCall = async (process, [fd, address, length], image) => {
  const raw = image.memory.bytes(pointer(address), Number(length));
  if (raw.readUInt16LE(0) === afUnix) await connectUnix(process, int(fd), pathIn(raw));
  else await connectInet(process, int(fd), raw);
  return 0;
};

/** The file is there once it listens. */
const bind: InitCall = (process, [fd, address, length], image) => {
  const path = pathIn(image.memory.bytes(pointer(address), Number(length)));
  const { parent, name, found } = walk(process, path, false);
  if (found) throw new Errno("EADDRINUSE");
  requireChange(process, parent);
  const directory = parent.mount.fs.hostPath?.(parent.node);
  if (directory === undefined) throw new Errno("EOPNOTSUPP");
  socketAt(process, int(fd)).bound = { path, hostPath: `${directory}/${name}` };
  return 0;
};

const listen: InitCall = async (process, [fd]) => {
  await listenUnix(process, int(fd));
  return 0;
};

const accept4: InitCall = async (process, [fd, , , flags]) =>
  process.fds.add(await acceptUnix(process, int(fd)), (int(flags) & O_CLOEXEC) !== 0);

const recvfrom: InitCall = async (process, [fd, buffer, length, flags], image) => {
  const from = socketOf(process, int(fd));
  const into = image.memory.bytes(pointer(buffer), Number(length));
  const sleeper = int(flags) & msgDontwait ? impatient : process;
  let filled = 0;
  do {
    const data = await from.read(sleeper, into.length - filled);
    if (data.length === 0) break;
    filled += data.copy(into, filled);
  } while (int(flags) & msgWaitall && filled < into.length);
  return filled;
};

const shutdown: InitCall = (process, [fd, how]) => {
  const connected = socketOf(process, int(fd));
  if (int(how) !== 1) connected.shutdownRead();
  if (int(how) !== 0) connected.shutdownWrite();
  return 0;
};

/** Takes any: none changes what a guest can see. */
const setsockopt: InitCall = (process, [fd]) => {
  socketOf(process, int(fd));
  return 0;
};

export const socketCalls = { socket, bind, listen, accept4, connect, recvfrom, shutdown, setsockopt };

function socketOf(process: Process, fd: number): UnixSocket | TcpSocket {
  const file = process.fds.get(fd);
  if (file instanceof UnixSocket || file instanceof TcpSocket) return file;
  throw new Errno(file instanceof IdleTcpSocket ? "ENOTCONN" : "ENOTSOCK");
}

const pathIn = (address: Buffer): string => address.toString("latin1", 2).split("\0", 1)[0] ?? "";

async function connectInet(process: Process, fd: number, address: Buffer): Promise<void> {
  if (!(process.fds.get(fd) instanceof IdleTcpSocket)) throw new Errno("ENOTSOCK");
  const port = address.readUInt16BE(2);
  const host = address.readUInt16LE(0) === afInet ? [...address.subarray(4, 8)].join(".") : ipv6Of(address);
  process.fds.set(fd, await connectTcp(process, host, port), process.fds.closesOnExec(fd));
}

/** In the form that addresses have here: the shortest. */
function ipv6Of(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(8 + 2 * index).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

/** Takes what is there now. */
const impatient: Sleeper = {
  async block(_queue, attempt) {
    const result = attempt();
    if (result === undefined) throw new Errno("EAGAIN");
    return result;
  },
};
