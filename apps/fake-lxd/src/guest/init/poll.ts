/** ppoll of init programs: for ever, or until one of some sockets has something to read, or has ended. */
import { Errno } from "../core/errno.ts";
import type { OpenFile } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { WaitQueue } from "../core/wait-queue.ts";
import { TcpSocket } from "../net/tcp.ts";
import { UnixSocket } from "../net/unix-socket.ts";
import { type InitCall, int, pointer } from "./arguments.ts";

const pollIn = 1;
const entryBytes = 8;

export const poll: InitCall = async (process, [entries, count, timeout], image) => {
  if (pointer(timeout) !== 0n) throw new Errno("ENOSYS");
  if (int(count) === 0) return process.block<number>(new WaitQueue(), () => undefined);
  const polled = Array.from({ length: int(count) }, (_, index) => {
    const entry = image.memory.bytes(pointer(entries) + BigInt(index * entryBytes), entryBytes);
    if (entry.readInt16LE(4) !== pollIn) throw new Errno("ENOSYS");
    return { entry, socket: pollable(process.fds.get(entry.readInt32LE(0))) };
  });
  for (;;) {
    await process.call();
    for (const { entry, socket } of polled) entry.writeInt16LE(socket.hasInput() ? pollIn : 0, 6);
    const ready = polled.filter(({ entry }) => entry.readInt16LE(6) !== 0).length;
    if (ready > 0) return ready;
    const queues = polled.map(({ socket }) => socket.changed);
    await anyChange(process, queues);
  }
};

function pollable(file: OpenFile): UnixSocket | TcpSocket {
  if (file instanceof UnixSocket || file instanceof TcpSocket) return file;
  throw new Errno("ENOSYS");
}

function anyChange(process: Process, queues: readonly WaitQueue[]): Promise<void> {
  return process.sleep((wake) => {
    const leave = (): void => {
      for (const queue of queues) queue.remove(woken);
    };
    const woken = (): void => {
      leave();
      wake();
    };
    for (const queue of queues) queue.add(woken);
    return leave;
  });
}
