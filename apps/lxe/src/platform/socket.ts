/**
 * The unix socket that lxe listens on: its permissions, and what an earlier process left there. Listening itself is
 * the gRPC server's.
 */
import { chmod, lstat, mkdir, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";

const ANSWER_TIMEOUT_MS = 2_000;
const DIRECTORY_MODE = 0o755;
const SOCKET_MODE = 0o660;
/** What a process that uses {@link bindSocket} sets first. */
export const DAEMON_UMASK = 0o022;

/** The socket's path cannot be used; the message says what to do. */
export class SocketError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "SocketError";
  }
}

type Answer = "answers" | "refused" | "missing";

export function probeSocket(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, timeout: ANSWER_TIMEOUT_MS });
    const finish = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.on("connect", () => finish(() => resolve("answers")));
    // Its queue of connections is full or it hangs: somebody is there all the same.
    socket.on("timeout", () => finish(() => resolve("answers")));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      finish(() => {
        if (error.code === "ECONNREFUSED") resolve("refused");
        else if (error.code === "ENOENT") resolve("missing");
        else if (error.code === "EAGAIN") resolve("answers");
        else reject(new SocketError(`${path} cannot be probed: ${error.message}`, error));
      }),
    );
  });
}

async function isThere(path: string): Promise<boolean> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new SocketError(`${path} cannot be examined: ${error.message}`, error);
  });
  if (stats === undefined) return false;
  if (stats.isSocket()) return true;
  throw new SocketError(`${path} exists and is no socket: remove it, or choose another --socket`);
}

/**
 * Makes the path free to be bound: creates its directory, removes the socket of a dead process. Rejects with
 * {@link SocketError} when a live process answers there or something else than a socket lies there.
 */
async function prepareSocketPath(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  if (!(await isThere(path))) return;
  const answer = await probeSocket(path);
  if (answer === "answers") {
    throw new SocketError(`another process serves ${path}: stop it, or choose another --socket`);
  }
  if (answer === "refused") await unlink(path);
}

/**
 * Prepares the path, lets `bind` bind it, and gives the socket mode 0660. Until then only the owner may connect, as
 * connecting takes the right to write, which {@link DAEMON_UMASK} leaves to the owner.
 */
export async function bindSocket(path: string, bind: (path: string) => Promise<void>): Promise<void> {
  await prepareSocketPath(path);
  await bind(path);
  await chmod(path, SOCKET_MODE);
}
