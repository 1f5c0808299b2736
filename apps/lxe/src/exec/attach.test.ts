import { once } from "node:events";
import { PassThrough, Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { type ContainerConfig, ContainerState, UnavailableError } from "@lxe/cri";
import type { AttachSession, CommandEnd } from "@lxe/cri/streaming";
import { expect, it } from "vitest";
import type { OutputListener } from "../logs/log-pump-types.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { openBothWays, openForReading } from "../platform/pipes.ts";
import { processesOf } from "../platform/testing/processes-of.ts";
import { readingOf } from "../platform/testing/reading-of.ts";
import { Index } from "../store/index.ts";
import { makeTerminal } from "./app-terminal.ts";
import { attachClient } from "./attach.ts";
import { endInput, holdInput, makeInput } from "./input.ts";
import { containerOnDisk } from "./testing/container-on-disk.ts";

async function fixture(config: Partial<ContainerConfig> = {}) {
  const disk = await containerOnDisk(config);
  const [index, clock] = [new Index(), createManualClock()];
  index.put(disk.container);
  const listeners = new Set<OutputListener>();
  const pump = {
    subscribe: (listener: OutputListener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  type Logs = Parameters<typeof attachClient>[0]["logs"];
  const logs = { open: async () => pump } as unknown as Logs;
  const leaving = new AbortController();
  return {
    ...disk,
    clock,
    listeners,
    leaving,
    attach: async (client: Partial<AttachSession>) => {
      const ends: CommandEnd[] = [];
      const session = { ...client, finish: async (end: CommandEnd) => void ends.push(end) };
      const done = attachClient({ ...disk.context, index, clock, logs }, disk.container, session, leaving.signal);
      done.catch(() => undefined);
      await expect.poll(() => listeners.size).toBe(1);
      return { done, ends };
    },
    write: (name: "stdout" | "stderr", bytes: string | Uint8Array) => {
      for (const listener of listeners) listener(name, Buffer.from(bytes));
    },
    exit: () => index.put({ ...disk.container, state: ContainerState.CONTAINER_EXITED }),
  };
}

const textOf = (stream: PassThrough): string => String(stream.read() ?? "");

it("a client gets both outputs apart until the container has ended, and then the end", async () => {
  await using app = await fixture();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { done, ends } = await app.attach({ stdout, stderr });
  app.write("stdout", "out");
  app.write("stderr", "err");
  app.exit();
  await done;
  expect([textOf(stdout), textOf(stderr), ends]).toEqual(["out", "err", [{ exitCode: 0 }]]);
  expect(app.listeners.size).toBe(0);
});

it("a client that leaves is forgotten, and not told anything", async () => {
  await using app = await fixture();
  const { done, ends } = await app.attach({ stdout: new PassThrough() });
  app.leaving.abort(new Error("gone"));
  await done;
  expect([app.listeners.size, ends]).toEqual([0, []]);
});

it("a client that takes nothing is left behind before it holds much", async () => {
  await using app = await fixture();
  const stuck = new Writable({ write: () => undefined });
  const { done } = await app.attach({ stdout: stuck });
  const piece = Buffer.alloc(1024 * 1024);
  for (let count = 0; count < 40; count++) app.write("stdout", piece);
  await expect(done).rejects.toThrow(/reads too slowly/);
  expect(stuck.writableLength).toBeLessThanOrEqual(16 * 1024 * 1024);
  expect(app.listeners.size).toBe(0);
});

it("what a client has sent before it left still reaches the app, and with stdin_once its end", async () => {
  await using app = await fixture({ stdin: true, stdinOnce: true });
  await makeInput(app.context, app.container);
  const hold = await holdInput(app.context, app.container);
  const reader = readingOf(await openForReading(app.own.stdin));
  await hold?.[Symbol.asyncDispose]();
  const stdin = new PassThrough();
  const { done } = await app.attach({ stdin });
  stdin.end("last words\n");
  app.leaving.abort(new Error("gone"));
  expect(await text(reader)).toBe("last words\n");
  await done;
  await expect.poll(() => processesOf(app.own.stdinHold)).toEqual([]);
});

it("a client whose input ends has left, unless it is the end of the app's", async () => {
  await using app = await fixture({ stdin: true });
  await makeInput(app.context, app.container);
  const reader = readingOf(await openBothWays(app.own.stdin));
  const read = once(reader, "data");
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const { done, ends } = await app.attach({ stdin, stdout });
  app.write("stdout", "out");
  stdin.end("last words\n");
  await done;
  expect([textOf(stdout), ends, app.listeners.size]).toEqual(["out", [{ exitCode: 0 }], 0]);
  expect(String(await read)).toBe("last words\n");
  reader.destroy();

  await using other = await fixture();
  const none = new PassThrough();
  const attached = await other.attach({ stdin: none, stdout: new PassThrough() });
  none.end("nobody reads this");
  other.write("stdout", "more");
  other.exit();
  await attached.done;
  expect(attached.ends).toEqual([{ exitCode: 0 }]);
});

it("lxe's own end is not the end of an app's input", async () => {
  await using app = await fixture({ stdin: true, stdinOnce: true });
  await makeInput(app.context, app.container);
  const hold = await holdInput(app.context, app.container);
  const { done } = await app.attach({ stdin: new PassThrough() });
  app.leaving.abort(new UnavailableError("lxe ends"));
  await done;
  expect(processesOf(app.own.stdinHold)).toHaveLength(1);
  await hold?.[Symbol.asyncDispose]();
  await endInput(app.context, app.container);
});

it("a terminal's sizes go to its holder, as the kernel takes them", async () => {
  await using app = await fixture({ tty: true });
  await makeTerminal(app.context, app.container);
  const holder = readingOf(await openBothWays(app.own.resize));
  const { done } = await app.attach({ resize: Readable.from([{ width: 132, height: 43 }]) });
  const size = await new Promise<Buffer>((resolve) => holder.once("data", resolve));
  expect([size.length, size.readUInt16LE(0), size.readUInt16LE(2)]).toEqual([8, 43, 132]);
  app.exit();
  await done;
  holder.destroy();
});
