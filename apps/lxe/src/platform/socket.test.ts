import { once } from "node:events";
import { chmod, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { bindSocket, SocketError } from "./socket.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

async function listen(server: Server, path: string): Promise<void> {
  server.listen(path);
  await once(server, "listening");
}

/** A socket file whose process is dead. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script =
    "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
  await once(spawn(process.execPath, ["-e", script, path]), "exit");
  await stat(path);
}

test("the socket has mode 0660, in a directory made for it", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "run", "lxe.sock");
  await using server = createServer();
  await bindSocket(path, (free) => listen(server, free));
  expect((await stat(path)).mode & 0o7777).toBe(0o660);
});

test("a socket that a dead process left is replaced", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "lxe.sock");
  await leaveStaleSocket(path);
  await using server = createServer();
  await bindSocket(path, (free) => listen(server, free));
  expect(server.listening).toBe(true);
});

test("a socket where a process answers is left alone, and the error says what to do", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "lxe.sock");
  await using server = createServer();
  await listen(server, path);
  const second = bindSocket(path, () => Promise.reject(new Error("must not be called")));
  await expect(second).rejects.toThrow(SocketError);
  await expect(second).rejects.toThrow(`another process serves ${path}: stop it, or choose another --socket`);
  expect((await stat(path)).isSocket()).toBe(true);
});

test("a file that is no socket is left alone", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "lxe.sock");
  await writeFile(path, "precious");
  await chmod(path, 0o600);
  await expect(bindSocket(path, () => Promise.resolve())).rejects.toThrow("is no socket");
});
