/** A unix socket on which programs in containers reach lxe. Owns the file, its mode and the connections. Also how one of theirs is ended. */

import { constants } from "node:fs";
import { chmod, open, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { hasCode } from "./has-code.ts";

const SOCKET_MODE = 0o666; // the container's root is another user here; the directory above is closed to others

/** The kernel takes 107 bytes for a socket's name. A longer one is reached by its directory's descriptor. */
const SOCKET_NAME_BYTES_MAX = 107;

interface SocketName extends AsyncDisposable {
  readonly name: string;
}

/** Must outlive the server: Node removes the socket by this name when the server closes. */
async function socketName(path: string): Promise<SocketName> {
  if (Buffer.byteLength(path) <= SOCKET_NAME_BYTES_MAX) return { name: path, [Symbol.asyncDispose]: async () => {} };
  const directory = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    name: `/proc/self/fd/${directory.fd}/${basename(path)}`,
    [Symbol.asyncDispose]: () => directory.close(),
  };
}

/** Replaces what is at `path`. Connections may be ended by halves. Disposing destroys them, and removes the socket. */
export async function listenUnix(path: string, onConnection: (socket: Socket) => void): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  server.on("error", () => undefined); // a connection that could not be accepted; whoever wanted it tells
  const socket = await socketName(path);
  try {
    await listen(server, socket.name);
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    await rm(path, { force: true });
    await listen(server, socket.name);
  }
  await chmod(path, SOCKET_MODE);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const open of sockets) open.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await socket[Symbol.asyncDispose]();
      await rm(path, { force: true });
    },
  };
}

function listen(server: Server, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(name, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Whoever waits for a connection at the path gets one that has ended. Removes the socket; that there is none is fine. */
export async function endListener(path: string): Promise<void> {
  try {
    await using socket = await socketName(path);
    await new Promise<void>((resolve, reject) => {
      const connection = connect(socket.name);
      connection.once("error", reject);
      connection.once("connect", () => connection.destroy());
      connection.once("close", () => resolve());
    });
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ECONNREFUSED")) throw error;
  }
  await rm(path, { force: true });
}
