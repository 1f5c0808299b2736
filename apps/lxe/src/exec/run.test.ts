import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { type Operation, LxdError } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { readFailure } from "../init/assemble.ts";
import { machineFor } from "../init/machine.ts";
import { containerRecord } from "../model/testing/records.ts";
import { createSystemInitSockets } from "../platform/init-socket.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createSystemRandom } from "../platform/random.ts";
import { createSystemClock } from "../platform/system-clock.ts";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { asClient } from "../reconcile/testing/small-lxd.ts";
import { StatePaths } from "../store/paths.ts";
import { runInContainer } from "./run.ts";

const PID = 7n;
const operation = (code: number | undefined, err = ""): Operation =>
  ({ err, metadata: code === undefined ? null : { return: code } }) as unknown as Operation;

/** What a command does in place of a guest: `directory` is what the guest sees as /.lxe. */
type Guest = (command: {
  readonly directory: string;
  readonly name: string;
  readonly body: ExecBody;
}) => Promise<Operation>;
interface ExecBody {
  readonly command: string[];
  readonly user: number;
  readonly group: number;
  readonly "wait-for-websocket": boolean;
}

/** As the init program does: the pid, then nothing or a failure, then the end. */
function report(directory: string, name: string, failure: Uint8Array = Buffer.alloc(0)): Promise<void> {
  const pid = Buffer.alloc(8);
  pid.writeBigUInt64LE(PID);
  return new Promise((resolve, reject) => {
    const socket = connect(join(directory, `${name}.sock`), () => socket.end(Buffer.concat([pid, failure])));
    socket
      .on("error", reject)
      .on("close", () => resolve())
      .resume();
  });
}

/** The report of a program whose execve failed with `errno`. */
async function execFailure(directory: string, name: string, errno: bigint): Promise<Buffer> {
  const program = await readFile(join(directory, name));
  const machine = machineFor("x86_64");
  if (!machine) throw new Error("no machine");
  const failure = Buffer.alloc(16);
  failure.writeBigUInt64LE(errno);
  for (let step = 0n; readFailure(program, machine, failure).call !== "execve"; step++)
    failure.writeBigUInt64LE(step, 8);
  return failure;
}

async function fixture(guest: Guest, user = { uid: 0, gid: 0, groups: [0] }) {
  const directory = await temporaryDirectory();
  const paths = new StatePaths(directory.path);
  const facts = { ...containerRecord().facts, user, architecture: "x86_64" };
  const container = containerRecord({ instance: "web", facts });
  const own = paths.container("web").directory;
  const files = createSystemHostFiles();
  const initSockets = createSystemInitSockets();
  await files.makeDirectory(own);
  const bodies: ExecBody[] = [];
  const lxd = asClient({
    operations: {
      start: async ({ body }: { body: ExecBody }) => {
        bodies.push(body);
        const name = body.command[0]?.replace("/.lxe/", "") ?? "";
        return { waitEnd: () => guest({ directory: own, name, body }) };
      },
    },
  });
  const platform = {
    files,
    initSockets,
    random: createSystemRandom(),
    log: createSilentLogger(),
    clock: createSystemClock(),
  };
  const run = (signal = new AbortController().signal, maxBytes = 1000) =>
    runInContainer({ lxd, paths, ...platform }, container, { argv: ["cmd", "arg"], maxBytes, signal });
  return {
    run,
    bodies,
    left: () => readdir(own),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("a command in a container", () => {
  it("gives its exit code and its output, and leaves no files", async () => {
    await using commands = await fixture(async ({ directory, name }) => {
      await writeFile(join(directory, `${name}.out`), "out\0\xff", { encoding: "latin1" });
      await writeFile(join(directory, `${name}.err`), "err");
      await report(directory, name);
      return operation(3);
    });
    const { code, stdout, stderr } = await commands.run();
    expect(code).toBe(3);
    expect(stdout).toEqual(Buffer.from("out\0\xff", "latin1"));
    expect(stderr.toString()).toBe("err");
    expect(await commands.left()).toEqual([]);
  });

  it("keeps the beginning of more output than asked for", async () => {
    await using commands = await fixture(async ({ directory, name }) => {
      await writeFile(join(directory, `${name}.out`), "0123456789");
      await report(directory, name);
      return operation(0);
    });
    expect((await commands.run(undefined, 4)).stdout.toString()).toBe("0123");
  });

  it.each([
    { user: { uid: 1000, gid: 1000, groups: [1000] }, as: { user: 1000, group: 1000 } },
    { user: { uid: 1000, gid: 1000, groups: [1000, 5] }, as: { user: 0, group: 0 } },
    { user: { uid: 0, gid: 0, groups: [0] }, as: { user: 0, group: 0 } },
  ])("is started by LXD as $as for $user", async ({ user, as }) => {
    const owners: number[] = [];
    await using commands = await fixture(async ({ directory, name }) => {
      for (const file of [name, `${name}.out`]) owners.push((await stat(join(directory, file))).uid);
      await report(directory, name);
      return operation(0);
    }, user);
    await commands.run();
    expect(commands.bodies).toMatchObject([{ ...as, "wait-for-websocket": false }]);
    // files belong to whoever opens them; only root can give them away
    expect(owners).toEqual([as.user, as.user].map((uid) => (process.getuid?.() === 0 ? uid : process.getuid?.())));
  });

  it("says why it could not be started", async () => {
    await using commands = await fixture(async ({ directory, name }) => {
      await report(directory, name, await execFailure(directory, name, 2n));
      return operation(127);
    });
    await expect(commands.run()).rejects.toThrow(
      'failed to exec "cmd": cannot run the command: no such file or directory',
    );
    expect(await commands.left()).toEqual([]);
  });

  it("gives exit code 127 when the command itself ends so", async () => {
    await using commands = await fixture(async ({ directory, name }) => {
      await report(directory, name);
      return operation(127);
    });
    expect((await commands.run()).code).toBe(127);
  });

  it("ends although it was killed before it could tell its pid", async () => {
    await using commands = await fixture(async () => operation(137));
    expect((await commands.run()).code).toBe(137);
  });

  it.each([
    { what: "an error", end: operation(undefined, "Instance is not running"), says: "not running" },
    { what: "no exit code", end: operation(undefined), says: "no exit code" },
  ])("fails when LXD gives $what", async ({ end, says }) => {
    await using commands = await fixture(async () => end);
    await expect(commands.run()).rejects.toThrow(says);
    expect(await commands.left()).toEqual([]);
  });

  it("fails when LXD refuses it", async () => {
    await using commands = await fixture(async () =>
      Promise.reject(new LxdError("not-running", "Instance is stopped")),
    );
    await expect(commands.run()).rejects.toThrow("stopped");
  });

  it("is not started for a caller that has gone", async () => {
    await using commands = await fixture(async () => operation(0));
    await expect(commands.run(AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(commands.bodies).toEqual([]);
  });
});

describe("giving up a command", () => {
  it("kills its session with a program of its own, and gives the caller's reason", async () => {
    const caller = new AbortController();
    const ended = Promise.withResolvers<Operation>();
    await using commands = await fixture(async ({ directory, name }) => {
      if (name.startsWith("k")) {
        ended.resolve(operation(137));
        return operation(0);
      }
      await report(directory, name);
      caller.abort(new Error("timed out"));
      return await ended.promise;
    });
    await expect(commands.run(caller.signal)).rejects.toThrow("timed out");
    expect(commands.bodies.map(({ command }) => command[0]?.slice(0, 7))).toEqual(["/.lxe/x", "/.lxe/k"]);
    await expect.poll(commands.left).toEqual([]);
  });

  it("gives the caller's reason although the kill fails", async () => {
    const caller = new AbortController();
    const never = Promise.withResolvers<Operation>();
    await using commands = await fixture(async ({ directory, name }) => {
      if (name.startsWith("k")) throw new LxdError("unavailable", "LXD is gone");
      await report(directory, name);
      caller.abort(new Error("timed out"));
      return await never.promise;
    });
    await expect(commands.run(caller.signal)).rejects.toThrow("timed out");
  });
});
