import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { listenForInit } from "../platform/init-socket.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { imageOf, readFailure } from "./assemble.ts";
import { execProgram, loadable, loaderProgram } from "./exec.ts";
import { type Machine, MACHINES } from "./machine.ts";
import type { ProcessSpec } from "./process.ts";
import { runnerFor } from "./testing/runner.ts";

const root = process.getuid?.() === 0;
const forever = new AbortController().signal;
const HEAD_BYTES = 16;

async function fixture(machine: Machine, runner: readonly string[], imageBytes = 64 * 1024) {
  const directory = await temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  const listener = await listenForInit(at("sock"));
  await writeFile(at("loader"), loaderProgram(machine, at("sock"), imageBytes), { mode: 0o755 });
  for (const name of ["out", "err"]) await writeFile(at(name), "");
  const [file, ...args] = [...runner, at("loader")];
  return {
    at,
    listener,
    program: (argv: readonly string[], spec: Partial<ProcessSpec> = {}) =>
      execProgram(
        machine,
        { argv, env: ["PATH=/usr/bin:/bin"], cwd: "/", uid: 0, gid: 0, groups: [], ...spec },
        { stdin: "/dev/null", stdout: at("out"), stderr: at("err") },
      ),
    /** Its exit code. */
    run: async (): Promise<unknown> => (await once(spawn(file, args, { stdio: "ignore" }), "exit"))[0],
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(!root).each(MACHINES)("a loader for $architecture (as root)", (machine) => {
  const runner = runnerFor(machine);
  const start = (imageBytes?: number) => fixture(machine, runner ?? [], imageBytes);

  beforeEach(({ skip }) => skip(!runner, `nothing here runs programs for ${machine.architecture}`));

  it("becomes the command that it is given, again and again, and tells its pid", async () => {
    await using loader = await start();
    for (const word of ["one", "two"]) {
      const script = `echo ${word} $$; echo to stderr >&2; exit 3`;
      loader.listener.renew(Promise.resolve(loadable(imageOf(machine, loader.program(["sh", "-c", script])))));
      expect(await loader.run()).toBe(3);
      const told = await loader.listener.report(forever);
      expect(told.length).toBe(HEAD_BYTES);
      expect(await readFile(loader.at("out"), "utf8")).toContain(`${word} ${told.readBigUInt64LE(0)}\n`);
    }
    expect(await readFile(loader.at("err"), "utf8")).toBe("to stderr\nto stderr\n");
  });

  it("takes a long command, in many pieces", async () => {
    const argument = "x".repeat(120_000);
    await using loader = await start(1024 * 1024);
    const program = loader.program([
      "sh",
      "-c",
      'printf "%s" "$@"',
      "sh",
      ...Array.from({ length: 6 }, () => argument),
    ]);
    loader.listener.renew(Promise.resolve(loadable(imageOf(machine, program))));
    expect(await loader.run()).toBe(0);
    expect(await readFile(loader.at("out"), "utf8")).toBe(argument.repeat(6));
  });

  it("tells why the command cannot be run", async () => {
    await using loader = await start();
    const program = loader.program(["no-such-command"]);
    loader.listener.renew(Promise.resolve(loadable(imageOf(machine, program))));
    expect(await loader.run()).toBe(127);
    const told = await loader.listener.report(forever);
    expect(readFailure(program, machine, told.subarray(HEAD_BYTES))).toMatchObject({ errno: 2, call: "execve" });
  });

  it("tells that a stream cannot be opened", async () => {
    await using loader = await start();
    const program = execProgram(
      machine,
      { argv: ["true"], env: [], cwd: "/", uid: 0, gid: 0, groups: [] },
      { stdin: "/dev/null", stdout: loader.at("nowhere"), stderr: loader.at("err") },
    );
    loader.listener.renew(Promise.resolve(loadable(imageOf(machine, program))));
    expect(await loader.run()).toBe(127);
    const told = await loader.listener.report(forever);
    expect(readFailure(program, machine, told.subarray(HEAD_BYTES))).toMatchObject({ errno: 2, call: "openat" });
  });

  it("ends when there is nothing for it, or nobody", async () => {
    await using loader = await start();
    loader.listener.renew(Promise.reject(new Error("given up")));
    expect(await loader.run()).toBe(1);
    await loader.listener[Symbol.asyncDispose]();
    expect(await loader.run()).toBe(1);
  });

  it.each([4, 100, 3000, -1])("does not begin with a part of a command: %d bytes", async (count) => {
    await using loader = await start();
    const whole = loadable(imageOf(machine, loader.program(["sh", "-c", "echo begun"])));
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    loader.listener.renew(promise);
    const ended = loader.run();
    await loader.listener.first(8, forever);
    resolve(whole.subarray(0, count));
    await new Promise(setImmediate);
    // as a lxe that is killed in the middle leaves it
    await loader.listener[Symbol.asyncDispose]();
    expect(await ended).toBe(1);
    expect(await readFile(loader.at("out"), "utf8")).toBe("");
  });
});
