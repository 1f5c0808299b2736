import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, it } from "vitest";
import { listenUnix } from "../platform/unix-listener.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { MACHINES } from "./machine.ts";
import { CONTROL_TAG, OUTCOME_BYTES, readOutcome, relayProgram, relayRequest, TAG_BYTES } from "./relay.ts";
import { processesOf } from "../platform/testing/processes-of.ts";
import { runnerFor } from "./testing/runner.ts";

const ECONNREFUSED = 111;

interface Started extends AsyncDisposable {
  /** How the program that was started ended. */
  code: number | null;
  control: Socket;
  /** In the command line of each of its processes. */
  directory: string;
  /** The next connection that the relay makes, by its tag. */
  next(tag: Buffer): Promise<Socket>;
}

const tags = { fromPod: Buffer.from("from-pod"), toPod: Buffer.from("to-pod!!") };

/** Exactly so many bytes; what comes behind stays in the socket. */
async function read(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    if (bytes) return bytes;
    await once(socket, "readable");
  }
}

async function startRelay(machine: (typeof MACHINES)[number], runner: readonly string[]): Promise<Started> {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "sock");
  const waiting = new Map<string, PromiseWithResolvers<Socket>>();
  const entry = (tag: string): PromiseWithResolvers<Socket> => {
    const found = waiting.get(tag) ?? Promise.withResolvers<Socket>();
    waiting.set(tag, found);
    return found;
  };
  const listener = await listenUnix(path, (socket) => {
    socket.on("error", () => socket.destroy());
    void read(socket, TAG_BYTES).then((tag) => entry(tag.toString("latin1")).resolve(socket));
  });
  const program = join(directory.path, "relay");
  await writeFile(program, relayProgram(machine, path), { mode: 0o755 });
  const [file, ...args] = [...runner, program];
  const child = spawn(file, args, { stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  return {
    code,
    directory: directory.path,
    control: await entry(CONTROL_TAG.toString("latin1")).promise,
    next: (tag) => entry(tag.toString("latin1")).promise,
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function listen(host: string, serve: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, host);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, server };
}

async function connect(relay: Started, port: number): Promise<{ fromPod: Socket; toPod: Socket }> {
  relay.control.write(relayRequest({ ...tags, port }));
  const fromPod = await relay.next(tags.fromPod);
  const outcome = readOutcome(await read(fromPod, OUTCOME_BYTES));
  expect([outcome.ipv4, outcome.ipv6]).toContain(0);
  return { fromPod, toPod: await relay.next(tags.toPod) };
}

describe.each(MACHINES)("the relay for $architecture", (machine) => {
  const runner = runnerFor(machine);
  const start = () => startRelay(machine, runner ?? []);

  beforeEach(({ skip }) => skip(!runner, `nothing here runs programs for ${machine.architecture}`));

  it.each(["127.0.0.1", "::1"])("carries both directions to %s, and the end of each", async (host) => {
    await using relay = await start();
    expect(relay.code).toBe(0);
    const { port, server } = await listen(host, (socket) => {
      void text(socket).then((asked) => socket.end(`answer to ${asked}`));
    });
    const { fromPod, toPod } = await connect(relay, port);
    toPod.end("question");
    expect(await text(fromPod)).toBe("answer to question");
    server.close();
  });

  it("says why neither address family is reached, and goes on", async () => {
    await using relay = await start();
    const { port, server } = await listen("127.0.0.1", () => {});
    server.close();
    await once(server, "close");
    relay.control.write(relayRequest({ ...tags, port }));
    const fromPod = await relay.next(tags.fromPod);
    expect(readOutcome(await read(fromPod, OUTCOME_BYTES))).toEqual({ ipv4: ECONNREFUSED, ipv6: ECONNREFUSED });
    expect(await text(fromPod)).toBe("");
    const open = await listen("127.0.0.1", (socket) => socket.end("still"));
    relay.control.write(relayRequest({ fromPod: Buffer.from("second-1"), toPod: Buffer.from("second-2"), ...open }));
    const second = await relay.next(Buffer.from("second-1"));
    expect(readOutcome(await read(second, OUTCOME_BYTES)).ipv4).toBe(0);
    expect(await text(second)).toBe("still");
    open.server.close();
  });

  it("goes on sending what the pod says after it takes no more", async () => {
    await using relay = await start();
    const { port, server } = await listen("127.0.0.1", (socket) => {
      socket.on("error", () => {});
      socket.end("too much");
    });
    const { fromPod, toPod } = await connect(relay, port);
    toPod.write(Buffer.alloc(1024 * 1024));
    expect(await text(fromPod)).toBe("too much");
    server.close();
  });

  it.each(["reads", "does not read"])("leaves no process when lxe goes, whether the app %s", async (how) => {
    const { port, server } = await listen("127.0.0.1", (socket) => {
      socket.on("error", () => {});
      if (how === "reads") socket.resume();
    });
    let directory: string;
    {
      await using relay = await start();
      directory = relay.directory;
      const { toPod } = await connect(relay, port);
      // more than all buffers on the way hold
      for (let count = 0; count < 64; count++) toPod.write(Buffer.alloc(256 * 1024));
      await expect.poll(() => processesOf(directory).length).toBe(3);
      if (how === "reads") await once(toPod, "drain");
    }
    await expect.poll(() => processesOf(directory)).toEqual([]);
    server.close();
  });
});
