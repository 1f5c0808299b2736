import { once } from "node:events";
import { readdir, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { basename, join } from "node:path";
import { type Operation, LxdError } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { readFailure } from "../init/assemble.ts";
import { machineFor } from "../init/machine.ts";
import type { ContainerUserIds } from "../model/records.ts";
import { containerRecord } from "../model/testing/records.ts";
import { createSystemInitSockets } from "../platform/init-socket.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createSystemRandom } from "../platform/random.ts";
import type { Clock } from "../platform/clock.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { createSystemClock } from "../platform/system-clock.ts";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import { Tidying } from "../platform/tidying.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { asClient } from "../reconcile/testing/small-lxd.ts";
import { StatePaths } from "../store/paths.ts";
import { Loaders } from "./loaders.ts";
import { runInContainer } from "./run.ts";

const PID = 7n;
const operation = (code: number | undefined, err = ""): Operation =>
  ({ err, metadata: code === undefined ? null : { return: code } }) as unknown as Operation;

/** What a command does in place of a guest: `directory` is what the guest sees as /.lxe. */
type Guest = (command: {
  readonly directory: string;
  readonly name: string;
  readonly body: ExecBody;
  /** Loads, opens the streams, and becomes the command, or fails to; these are its streams. */
  readonly become: (errno?: bigint) => Promise<{ stdout: string; stderr: string }>;
}) => Promise<Operation>;
interface ExecBody {
  readonly command: string[];
  readonly user: number;
  readonly group: number;
  readonly "wait-for-websocket": boolean;
}

const machine = machineFor("x86_64");
if (!machine) throw new Error("no machine");

/** As a loader does: the pid, then what it gets. Undefined when that is an end. */
async function load(socket: Socket): Promise<Buffer | undefined> {
  const pid = Buffer.alloc(8);
  pid.writeBigUInt64LE(PID);
  socket.write(pid);
  let loaded = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    loaded = Buffer.concat([loaded, chunk]);
    if (loaded.length > 8 && loaded.length === 8 + Number(loaded.readBigUInt64LE(0)) + 1) return loaded.subarray(8, -1);
  }
  return undefined;
}

/** The report of a program whose execve failed with `errno`. */
function execFailure(image: Buffer, errno: bigint): Buffer {
  if (!machine) throw new Error("no machine");
  const program = Buffer.concat([Buffer.alloc(machine.dataOffset), image]);
  const failure = Buffer.alloc(16);
  failure.writeBigUInt64LE(errno);
  for (let step = 0n; readFailure(program, machine, failure).call !== "execve"; step++)
    failure.writeBigUInt64LE(step, 8);
  return failure;
}

async function become(directory: string, name: string, errno?: bigint): Promise<{ stdout: string; stderr: string }> {
  const socket = connect(join(directory, `${name}.sock`));
  const image = await load(socket);
  if (!image) throw new Error("the loader got nothing");
  socket.end(Buffer.concat([Buffer.alloc(8), errno === undefined ? Buffer.alloc(0) : execFailure(image, errno)]));
  await once(socket.resume(), "close");
  const [stdout = "", stderr = ""] = ["out", "err"].map((suffix) => {
    const inside = new RegExp(`/\\.lxe/(x[0-9a-f]{8}\\.${suffix})`).exec(image.toString("latin1"))?.[1];
    return join(directory, inside ?? "nowhere");
  });
  return { stdout, stderr };
}

async function fixture(guest: Guest, options: { user?: ContainerUserIds; clock?: Clock } = {}) {
  const { user = { uid: 0, gid: 0, groups: [0] }, clock = createSystemClock() } = options;
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
        const running = guest({ directory: own, name, body, become: (errno) => become(own, name, errno) });
        running.catch(() => undefined); // it may be that nobody waits for it
        return { waitEnd: () => running };
      },
    },
  });
  const platform = {
    paths,
    files,
    initSockets,
    random: createSystemRandom(),
    log: createSilentLogger(),
    clock,
    tidying: new Tidying({ clock, log: createSilentLogger() }),
  };
  const loaders = new Loaders(platform);
  const run = ({ signal = new AbortController().signal, maxBytes = 1000, argv = ["cmd", "arg"] } = {}) =>
    runInContainer({ lxd, loaders, ...platform }, container, { argv, maxBytes, signal });
  return {
    run,
    bodies,
    directory: own,
    refuseOutput: () => {
      files.openNewForAppending = () => Promise.reject(new Error("no space left"));
    },
    drop: () => loaders.drop("web"),
    left: async () => {
      loaders.close();
      await platform.tidying.finish();
      return readdir(own);
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("a command in a container", () => {
  it("gives its exit code and its output, and leaves no files", async () => {
    await using commands = await fixture(async (command) => {
      const { stdout, stderr } = await command.become();
      await writeFile(stdout, "out\0\xff", { encoding: "latin1" });
      await writeFile(stderr, "err");
      return operation(3);
    });
    const { code, stdout, stderr } = await commands.run();
    expect(code).toBe(3);
    expect(stdout).toEqual(Buffer.from("out\0\xff", "latin1"));
    expect(stderr.toString()).toBe("err");
    expect(await commands.left()).toEqual([]);
  });

  it("keeps the beginning of more output than asked for", async () => {
    await using commands = await fixture(async (command) => {
      await writeFile((await command.become()).stdout, "0123456789");
      return operation(0);
    });
    expect((await commands.run({ maxBytes: 4 })).stdout.toString()).toBe("0123");
  });

  it.each([
    { user: { uid: 1000, gid: 1000, groups: [1000] }, as: { user: 1000, group: 1000 } },
    { user: { uid: 1000, gid: 1000, groups: [1000, 5] }, as: { user: 0, group: 0 } },
    { user: { uid: 0, gid: 0, groups: [0] }, as: { user: 0, group: 0 } },
  ])("is started by LXD as $as for $user", async ({ user, as }) => {
    const [owners, modes]: number[][] = [[], []];
    await using commands = await fixture(
      async ({ directory, name, become: begin }) => {
        const { stdout } = await begin();
        owners?.push((await stat(stdout)).uid);
        modes?.push((await stat(join(directory, name))).mode & 0o777);
        return operation(0);
      },
      { user },
    );
    await commands.run();
    expect(commands.bodies).toMatchObject([{ ...as, "wait-for-websocket": false }]);
    // files belong to whoever opens them; only root can give them away
    expect(owners).toEqual([process.getuid?.() === 0 ? as.user : process.getuid?.()]);
    expect(modes).toEqual([0o755]);
  });

  it("says why it could not be started", async () => {
    await using commands = await fixture(async (command) => {
      await command.become(2n);
      return operation(127);
    });
    await expect(commands.run()).rejects.toThrow(
      'failed to exec "cmd": cannot run the command: no such file or directory',
    );
    expect(await commands.left()).toEqual([]);
  });

  it("gives exit code 127 when the command itself ends so", async () => {
    await using commands = await fixture(async (command) => {
      await command.become();
      return operation(127, "Command not found");
    });
    expect((await commands.run()).code).toBe(127);
  });

  it("is not taken as run when its loader ended because it did not reach lxe", async () => {
    await using commands = await fixture(async () => operation(1));
    await expect(commands.run()).rejects.toThrow("not started");
    expect(await commands.left()).toEqual([]);
  });

  it("ends although it was killed before it could tell its pid", async () => {
    await using commands = await fixture(async () => operation(137));
    expect((await commands.run()).code).toBe(137);
    expect(await commands.left()).toEqual([]);
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
    expect(await commands.left()).toEqual([]);
  });

  it("is not started for a caller that has gone", async () => {
    await using commands = await fixture(async () => operation(0));
    await expect(commands.run({ signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow("gone");
    expect(commands.bodies).toEqual([]);
  });

  it("does not begin when its output has no place", async () => {
    const loaded = Promise.withResolvers<Buffer | undefined>();
    await using commands = await fixture(async ({ directory, name }) => {
      const socket = connect(join(directory, `${name}.sock`));
      socket.on("error", () => undefined);
      loaded.resolve(await load(socket).catch(() => undefined));
      return operation(1);
    });
    commands.refuseOutput();
    await expect(commands.run()).rejects.toThrow("no space");
    expect(await loaded.promise).toBeUndefined();
    expect(await commands.left()).toEqual([]);
  });
});

const names = ({ bodies }: { bodies: ExecBody[] }): (string | undefined)[] => bodies.map(({ command }) => command[0]);

describe("the loader of a command", () => {
  it("serves the next command, too, but not two at once", async () => {
    const both = Promise.withResolvers<void>();
    await using commands = await fixture(async ({ become: begin }) => {
      await begin();
      if (commands.bodies.length === 3) both.resolve();
      if (commands.bodies.length > 1) await both.promise;
      return operation(0);
    });
    await commands.run();
    await Promise.all([commands.run(), commands.run()]);
    const [first, second, third] = names(commands);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    const kept = [first, third].flatMap((path) => [basename(path ?? ""), `${basename(path ?? "")}.sock`]);
    await expect.poll(async () => (await readdir(commands.directory)).toSorted()).toEqual(kept.toSorted());
  });

  it("is not used again when LXD may start it yet", async () => {
    const caller = new AbortController();
    const never = Promise.withResolvers<Operation>();
    await using commands = await fixture(async ({ name, become: begin }) => {
      if (name.startsWith("k")) return operation(0);
      await begin();
      if (commands.bodies.length > 1) return operation(0);
      caller.abort(new Error("timed out"));
      return await never.promise;
    });
    await expect(commands.run({ signal: caller.signal })).rejects.toThrow("timed out");
    await commands.run();
    const [given, , next] = names(commands);
    expect(next).not.toBe(given);
  });

  it("gives way to one with more room for a command that needs it", async () => {
    await using commands = await fixture(async (command) => {
      await command.become();
      return operation(0);
    });
    await commands.run();
    await commands.run({ argv: ["cmd", "x".repeat(200_000)] });
    await commands.run({ argv: ["cmd", "x".repeat(200_000)] });
    const [small, large, again] = names(commands);
    expect(large).not.toBe(small);
    expect(again).toBe(large);
  });

  it("goes with its container", async () => {
    await using commands = await fixture(async (command) => {
      await command.become();
      return operation(0);
    });
    await commands.run();
    commands.drop();
    await expect.poll(() => readdir(commands.directory)).toEqual([]);
    await commands.run();
    expect(names(commands)[1]).not.toBe(names(commands)[0]);
  });

  it("goes when nobody has needed it for a while", async () => {
    const clock = createManualClock();
    await using commands = await fixture(
      async (command) => {
        await command.become();
        return operation(0);
      },
      { clock },
    );
    await commands.run();
    expect(await readdir(commands.directory)).not.toEqual([]);
    clock.advance(120_000 + 10);
    await expect.poll(() => readdir(commands.directory)).toEqual([]);
  });
});

describe("giving up a command", () => {
  it("kills its session with a program of its own, and gives the caller's reason", async () => {
    const caller = new AbortController();
    const ended = Promise.withResolvers<Operation>();
    await using commands = await fixture(async ({ name, become: begin }) => {
      if (name.startsWith("k")) {
        ended.resolve(operation(137));
        return operation(0);
      }
      await begin();
      caller.abort(new Error("timed out"));
      return await ended.promise;
    });
    await expect(commands.run({ signal: caller.signal })).rejects.toThrow("timed out");
    expect(commands.bodies.map(({ command }) => command[0]?.slice(0, 7))).toEqual(["/.lxe/x", "/.lxe/k"]);
    await expect.poll(commands.left).toEqual([]);
  });

  it("ends a loader that LXD starts too late", async () => {
    const caller = new AbortController();
    const never = Promise.withResolvers<Operation>();
    const clock = createManualClock();
    let loader = "";
    await using commands = await fixture(
      async ({ directory, name }) => {
        loader = join(directory, `${name}.sock`);
        caller.abort(new Error("timed out"));
        return await never.promise;
      },
      { clock },
    );
    const failed: unknown[] = [];
    commands.run({ signal: caller.signal }).catch((error: unknown) => failed.push(error));
    const later = (): unknown[] => {
      if (failed.length === 0) clock.advance(1000); // until the pid is not waited for any more
      return failed;
    };
    await expect.poll(later).toMatchObject([{ message: "timed out" }]);
    const socket = connect(loader);
    expect(await load(socket).catch(() => undefined)).toBeUndefined();
    expect(await commands.left()).toEqual([]);
  });

  it("gives the caller's reason although the kill fails", async () => {
    const caller = new AbortController();
    const never = Promise.withResolvers<Operation>();
    await using commands = await fixture(async ({ name, become: begin }) => {
      if (name.startsWith("k")) throw new LxdError("unavailable", "LXD is gone");
      await begin();
      caller.abort(new Error("timed out"));
      return await never.promise;
    });
    await expect(commands.run({ signal: caller.signal })).rejects.toThrow("timed out");
  });
});
