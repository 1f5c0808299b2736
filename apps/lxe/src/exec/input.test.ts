import { stat } from "node:fs/promises";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { ContainerConfig } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { containerRecord } from "../model/testing/records.ts";
import { openBothWays, openForReading } from "../platform/pipes.ts";
import { processesOf } from "../platform/testing/processes-of.ts";
import { readingOf } from "../platform/testing/reading-of.ts";
import { endInput, giveInput, holdInput, inputKind, makeInput, recoverInput } from "./input.ts";
import { containerOnDisk } from "./testing/container-on-disk.ts";

const never = new AbortController().signal;
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

it.each([
  [{}, "none"],
  [{ stdin: true }, "open"],
  [{ stdin: true, stdinOnce: true }, "once"],
  [{ stdinOnce: true }, "none"],
  [{ stdin: true, stdinOnce: true, tty: true }, "terminal"],
  [{ tty: true }, "none"],
])("the input of an app with %j is %s", (config, kind) => {
  expect(inputKind(containerRecord({ config: ContainerConfig.fromPartial(config) }))).toBe(kind);
});

it("a system container has no input", () => {
  const { facts } = containerRecord();
  const config = ContainerConfig.fromPartial({ stdin: true });
  expect(inputKind(containerRecord({ config, facts: { ...facts, type: "system" } }))).toBe("none");
});

/** A container whose app has its input open, as after its start. */
async function started() {
  const disk = await containerOnDisk({ stdin: true, stdinOnce: true });
  await makeInput(disk.context, disk.container);
  const hold = await holdInput(disk.context, disk.container);
  const app = readingOf(await openForReading(disk.own.stdin));
  await hold?.[Symbol.asyncDispose]();
  return {
    ...disk,
    app,
    [Symbol.asyncDispose]: async () => {
      await endInput(disk.context, disk.container);
      await expect.poll(() => processesOf(disk.own.stdinHold)).toEqual([]);
      app.destroy();
      await disk[Symbol.asyncDispose]();
    },
  };
}

describe("with stdin_once", () => {
  it("the app reads what the first client sends, then the end, and nothing is held any more", async () => {
    await using disk = await started();
    const read = text(disk.app);
    expect(processesOf(disk.own.stdinHold)).toHaveLength(1);
    await giveInput(disk.context, disk.container, Readable.from(["one\n", "two\n"]), never);
    expect(await read).toBe("one\ntwo\n");
    expect(await exists(disk.own.stdin)).toBe(false);
    expect(await exists(disk.own.stdinHold)).toBe(false);
  });

  it("a later client's input goes nowhere and is read all the same", async () => {
    await using disk = await started();
    disk.app.resume();
    await giveInput(disk.context, disk.container, Readable.from(["one\n"]), never);
    const late = Readable.from([Buffer.alloc(1024 * 1024)]);
    await giveInput(disk.context, disk.container, late, never);
    await expect.poll(() => late.readableEnded).toBe(true);
  });

  it("a client that is told to stop ends nothing", async () => {
    await using disk = await started();
    const [stop, from] = [new AbortController(), new PassThrough()];
    const given = giveInput(disk.context, disk.container, from, stop.signal);
    from.write("one\n");
    expect(await nextChunk(disk.app)).toBe("one\n");
    stop.abort();
    await given;
    expect(await exists(disk.own.stdin)).toBe(true);
  });

  it("the end of input that a kill has interrupted is gone on with, and only that", async () => {
    await using disk = await started();
    await recoverInput(disk.context, disk.container);
    expect(await exists(disk.own.stdinHold)).toBe(true);
    await disk.context.files.removeTree(disk.own.stdin);
    await recoverInput(disk.context, disk.container);
    expect(await text(disk.app)).toBe("");
  });
});

it("a start that was not finished is followed by another", async () => {
  await using disk = await containerOnDisk({ stdin: true, stdinOnce: true });
  await makeInput(disk.context, disk.container);
  for (let starts = 0; starts < 2; starts++) {
    await (await holdInput(disk.context, disk.container))?.[Symbol.asyncDispose]();
    await expect.poll(() => processesOf(disk.own.stdinHold)).toHaveLength(1);
  }
  const app = readingOf(await openForReading(disk.own.stdin));
  await giveInput(disk.context, disk.container, Readable.from(["one\n"]), never);
  expect(await text(app)).toBe("one\n");
});

it("without stdin_once no client's end is the app's", async () => {
  await using disk = await containerOnDisk({ stdin: true });
  await makeInput(disk.context, disk.container);
  const app = readingOf(await openBothWays(disk.own.stdin));
  for (const line of ["one\n", "two\n"]) {
    await giveInput(disk.context, disk.container, Readable.from([line]), never);
    expect(await nextChunk(app)).toBe(line);
  }
  expect(await exists(disk.own.stdin)).toBe(true);
  app.destroy();
});

it("an app that has ended takes no input, and nobody waits for it", async () => {
  await using disk = await containerOnDisk({ stdin: true });
  await makeInput(disk.context, disk.container);
  const from = Readable.from([Buffer.alloc(1024 * 1024)]);
  await giveInput(disk.context, disk.container, from, never);
  await expect.poll(() => from.readableEnded).toBe(true);
});

async function nextChunk(app: Readable): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  app.once("data", resolve);
  return (await promise).toString();
}
