import type { Socket } from "node:net";
import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import type { Operation } from "../schema/operation.ts";
import { failed, operation, scriptedServer, started, succeeded, success } from "../testing/scripted-server.ts";

interface Fd {
  socket: WebSocket;
  raw: Socket;
}

/** A server with one exec, whose other end the test plays. */
async function execServer(fdNames: string[] = ["0", "1", "2", "control"]) {
  const fds = Object.fromEntries(fdNames.map((fd) => [fd, `secret-${fd}`]));
  const running = operation("e", { class: "websocket", metadata: { fds } });
  const state: { now: Operation | undefined } = { now: running };
  const lxd = await scriptedServer(({ what }) => {
    if (what.startsWith("POST")) return started(running);
    if (what === "GET /1.0/operations") return success(state.now === undefined ? {} : { running: [state.now] });
    if (what === "GET /1.0/operations/e" && state.now !== undefined) return success(state.now);
    return undefined;
  });
  const connected = new Map<string, Fd>();
  lxd.onExecSocket((secret, socket, raw) => connected.set(secret.replace("secret-", ""), { socket, raw }));
  const fd = (name: string): Fd => {
    const found = connected.get(name);
    if (found === undefined) throw new Error(`fd ${name} is not connected`);
    return found;
  };
  const end = (ended: Operation | undefined) => {
    state.now = ended;
    if (ended !== undefined) lxd.sendOperation(ended);
  };
  return { lxd, fd, end, connected, [Symbol.asyncDispose]: () => lxd[Symbol.asyncDispose]() };
}

const exited = (code: number) => succeeded("e", { class: "websocket", metadata: { return: code } });

const cat = { command: ["cat"] };

test("output that is still on its way when the operation ends and the sockets are cut arrives whole", async () => {
  await using server = await execServer();
  await using client = server.lxd.client();
  const running = client.instances.execCapture("x", cat);
  await expect.poll(() => server.connected.size).toBe(4);
  server.fd("control").raw.destroy();
  server.end(exited(0));
  server.fd("1").socket.send(Buffer.alloc(1_000_000, "o"));
  server.fd("1").socket.send("", () => server.fd("1").raw.end());
  // No barrier here, only a cut: older servers do that.
  server.fd("2").socket.send(Buffer.from("err"), () => server.fd("2").raw.end());
  server.fd("0").raw.destroy();
  const result = await running;
  expect(result).toMatchObject({ code: 0, truncated: false });
  expect(result.stdout).toHaveLength(1_000_000);
  expect(result.stderr.toString()).toBe("err");
});

test("any sequence of frames arrives in order and complete, however slowly it is read", async () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.infiniteStream(fc.boolean()), async (frames, pauses) => {
      await using server = await execServer();
      await using client = server.lxd.client({ limits: { execBufferBytes: 2_000 } });
      await using session = await client.instances.exec("x", cat);
      const { socket } = server.fd("1");
      for (const frame of frames) socket.send(frame);
      socket.send("");
      const seen: Buffer[] = [];
      for await (const chunk of session.stdout as AsyncIterable<Buffer>) {
        seen.push(chunk);
        if (pauses.next().value === true) await new Promise(setImmediate);
      }
      expect(Buffer.concat(seen).equals(Buffer.concat(frames))).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("a reader that does not read holds the server back", async () => {
  await using server = await execServer();
  await using client = server.lxd.client({ limits: { execBufferBytes: 10_000 } });
  await using session = await client.instances.exec("x", cat);
  const { socket } = server.fd("1");
  const frames = 200;
  for (let sent = 0; sent < frames; sent++) socket.send(Buffer.alloc(64 * 1024));
  socket.send("");
  await expect.poll(() => session.stdout.readableLength).toBeGreaterThan(0);
  await new Promise(setImmediate);
  expect(socket.bufferedAmount).toBeGreaterThan(0);
  let bytes = 0;
  for await (const chunk of session.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
  expect(bytes).toBe(frames * 64 * 1024);
});

test("a server that does not read holds the writer back", async () => {
  await using server = await execServer();
  await using client = server.lxd.client();
  await using session = await client.instances.exec("x", cat);
  server.fd("0").socket.pause();
  const received: Buffer[] = [];
  server
    .fd("0")
    .socket.on("message", (data: Buffer, isBinary: boolean) => received.push(isBinary ? data : Buffer.from("|end")));
  const bytes = 4_000_000;
  expect(session.stdin.write(Buffer.alloc(bytes, "i"))).toBe(false);
  session.stdin.end();
  await new Promise(setImmediate);
  expect(session.stdin.writableFinished).toBe(false);
  server.fd("0").socket.resume();
  await expect.poll(() => Buffer.concat(received).length).toBe(bytes + 4);
  expect(Buffer.concat(received).subarray(-4).toString()).toBe("|end");
  expect(Math.max(...received.map(({ length }) => length))).toBeLessThanOrEqual(64 * 1024);
});

test("what is written after the command's end is dropped, not an error", async () => {
  await using server = await execServer();
  await using client = server.lxd.client();
  await using session = await client.instances.exec("x", cat);
  for (const name of ["0", "1", "2", "control"]) server.fd(name).raw.destroy();
  server.end(exited(0));
  expect(await session.exit).toEqual({ code: 0 });
  await new Promise<void>((resolve) => session.stdin.write("late", () => resolve()));
  expect(session.stdin.errored).toBeNull();
});

test("a terminal is closed on the server's barrier, which is what the server waits for", async () => {
  await using server = await execServer(["0", "control"]);
  await using client = server.lxd.client();
  await using session = await client.instances.exec("x", { ...cat, interactive: true });
  const { socket } = server.fd("0");
  socket.on("close", () => server.end(exited(5)));
  socket.send(Buffer.from("prompt"));
  socket.send("");
  expect((await session.stdout.toArray()).join("")).toBe("prompt");
  expect(await session.exit).toEqual({ code: 5 });
});

test("signals and window sizes go over the control socket", async () => {
  await using server = await execServer(["0", "control"]);
  await using client = server.lxd.client();
  await using session = await client.instances.exec("x", { ...cat, interactive: true });
  const messages: unknown[] = [];
  server.fd("control").socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString())));
  await session.resize(120, 40);
  await session.signal(2);
  await expect
    .poll(() => messages)
    .toEqual([
      { command: "window-resize", args: { width: "120", height: "40" } },
      { command: "signal", signal: 2 },
    ]);
});

test("a server that is lost in the middle ends the streams and rejects the exit", async () => {
  await using server = await execServer();
  await using client = server.lxd.client();
  await using session = await client.instances.exec("x", cat);
  await server.lxd.stop();
  server.end(undefined);
  await server.lxd.start();
  await expect(session.exit).rejects.toMatchObject({ code: "operation-lost" });
  expect(await session.stdout.toArray()).toEqual([]);
});

test("an operation that fails without an exit code rejects, one with 127 says why", async () => {
  for (const [ended, expected] of [
    [failed("e", "Timed out waiting for websockets to connect"), { rejected: "failed" }],
    [failed("e", "Command not found", { metadata: { return: 127 } }), { code: 127, error: "Command not found" }],
  ] as const) {
    await using server = await execServer();
    await using client = server.lxd.client();
    await using session = await client.instances.exec("x", cat);
    server.end(ended);
    const seen = await session.exit.catch((error: unknown) => ({ rejected: (error as { code: string }).code }));
    expect(seen).toEqual(expected);
  }
});

test("closing a session drops its sockets and rejects the exit with 'cancelled'", async () => {
  await using server = await execServer();
  await using client = server.lxd.client();
  const session = await client.instances.exec("x", cat);
  await session.close();
  await session.close();
  await expect(session.exit).rejects.toMatchObject({ code: "cancelled" });
  await expect.poll(() => server.fd("control").socket.readyState).toBe(3);
  expect(session.stdout.destroyed).toBe(true);
});

test("a websocket that is refused rejects the exec without telling the secret", async () => {
  const running = operation("e", { class: "websocket", metadata: { fds: { "0": "secret-0", control: "secret-c" } } });
  await using lxd = await scriptedServer(({ what }) => (what.startsWith("POST") ? started(running) : success(running)));
  await using client = lxd.client();
  const error: unknown = await client.instances.exec("x", cat).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "forbidden", request: "GET /1.0/operations/e/websocket" });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("secret-");
});
