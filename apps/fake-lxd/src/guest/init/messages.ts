/**
 * sendmsg and recvmsg of init programs: messages that descriptors come along with (SCM_RIGHTS). A byte stream of the host carries no
 * open files of guests, so what travels behind the data is a number, which the machine knows the files by.
 */
import { Errno } from "../core/errno.ts";
import { UnixSocket } from "../net/unix-socket.ts";
import { type InitCall, int, pointer } from "./arguments.ts";
import type { InitImage } from "./image.ts";

const solSocket = 1;
const scmRights = 1;
const headerBytes = 16;
const ticketBytes = 8;

interface Message {
  /** Of a single piece. */
  readonly data: Buffer;
  /** Where descriptors are, or may be put. */
  readonly control: Buffer;
}

/** A `struct msghdr`. */
function messageAt(image: InitImage, at: bigint): Message {
  const { memory } = image;
  const [vector, count] = [memory.u64(at + 16n), memory.u64(at + 24n)];
  const [control, controlBytes] = [memory.u64(at + 32n), memory.u64(at + 40n)];
  if (count !== 1n) throw new Errno("ENOSYS");
  return {
    data: memory.bytes(memory.u64(vector), Number(memory.u64(vector + 8n))),
    control: memory.bytes(control, Number(controlBytes)),
  };
}

export const sendmsg: InitCall = async (process, [fd, at], image) => {
  const socket = connected(process.fds.get(int(fd)));
  const { data, control } = messageAt(image, pointer(at));
  const isRights = control.readInt32LE(8) === solSocket && control.readInt32LE(12) === scmRights;
  if (!isRights) throw new Errno("ENOSYS");
  const end = Number(control.readBigUInt64LE(0));
  const files = [];
  for (let offset = headerBytes; offset < end; offset += 4) files.push(process.fds.get(control.readInt32LE(offset)));
  const ticket = process.machine.filesInFlight.send(files);
  const written = Buffer.alloc(ticketBytes);
  written.writeBigUInt64LE(BigInt(ticket));
  await socket.write(process, Buffer.concat([data, written]));
  return data.length;
};

export const recvmsg: InitCall = async (process, [fd, at], image) => {
  const socket = connected(process.fds.get(int(fd)));
  const { data, control } = messageAt(image, pointer(at));
  let received = Buffer.alloc(0);
  while (received.length < data.length + ticketBytes) {
    const more = await socket.read(process, data.length + ticketBytes - received.length);
    if (more.length === 0) return 0;
    received = Buffer.concat([received, more]);
  }
  received.copy(data, 0, 0, data.length);
  const files = process.machine.filesInFlight.receive(Number(received.readBigUInt64LE(data.length)));
  if (control.length < headerBytes + files.length * 4) throw new Errno("ENOSYS");
  control.writeBigUInt64LE(BigInt(headerBytes + files.length * 4), 0);
  control.writeInt32LE(solSocket, 8);
  control.writeInt32LE(scmRights, 12);
  for (const [index, file] of files.entries()) {
    control.writeInt32LE(process.fds.add(file), headerBytes + index * 4);
    file.release();
  }
  return data.length;
};

function connected(file: unknown): UnixSocket {
  if (file instanceof UnixSocket) return file;
  throw new Errno("ENOTSOCK");
}
