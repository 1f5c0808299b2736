import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { systemHost } from "../../platform/system-host.ts";
import { createGuestKernel } from "../index.ts";
import { buildInitProgram, type StepPlan, unixAddress, words32 } from "../testing/init-program.ts";
import { createWorld, guestSpec, shell, type World } from "../testing/harness.ts";
import type { Guest, GuestMount } from "../types.ts";
import type { InitMachine } from "./numbers.ts";

const atFdcwd = -100;
const O_WRONLY_CREAT_APPEND = 0o2101;
const O_CLOEXEC = 0o2000000;

const environment = { texts: ["PATH=/bin:/sbin", "GREETING=hello world"] };

interface Lxe extends Disposable {
  readonly directory: string;
  readonly mount: GuestMount;
}

function lxe(program: Uint8Array): Lxe {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "init-"));
  fs.writeFileSync(`${directory}/init`, program, { mode: 0o755 });
  const mount: GuestMount = {
    type: "bind",
    source: directory,
    target: "/.lxe",
    readonly: false,
    recursive: false,
    create: "dir",
    optional: false,
    idmapped: true,
    options: [],
  };
  return { directory, mount, [Symbol.dispose]: () => fs.rmSync(directory, { recursive: true, force: true }) };
}

function start(world: World, { mount }: Lxe): Promise<Guest> {
  return world.kernel.start(guestSpec(world, { initArgv: ["/.lxe/init"], mounts: [mount] }));
}

/** Redirects stdout into the host's file, then becomes the app. */
function appSteps(argv: string[], before: StepPlan[] = []): StepPlan[] {
  return [
    { call: "openat", args: [atFdcwd, { text: "/.lxe/stdout" }, O_WRONLY_CREAT_APPEND, 0o600], result: "out" },
    { call: "dup3", args: [{ cell: "out" }, 1, 0], indirect: [0] },
    { call: "close", args: [{ cell: "out" }], indirect: [0] },
    ...before,
    { call: "execve", args: [{ text: argv[0] ?? "" }, { texts: argv }, environment] },
    { call: "exit_group", args: [127] },
  ];
}

describe.each<InitMachine>(["x86_64", "aarch64"])("on %s", (machine) => {
  function worldOf(): World {
    const world = createWorld();
    const kernel = createGuestKernel({
      clock: world.clock,
      random: { next: () => 0.5 },
      host: systemHost,
      kernelVersion: "6.12.0",
      architecture: machine,
    });
    return { clock: world.clock, kernel, [Symbol.asyncDispose]: () => kernel.close() };
  }

  test("the app takes over, with its arguments and environment, and its output reaches the host's file", async () => {
    await using world = worldOf();
    using files = lxe(
      buildInitProgram(machine, appSteps(["/bin/sh", "-c", 'echo "$GREETING $0 $1"; exit 5', "a b", "'"])),
    );
    const guest = await start(world, files);
    expect(await world.clock.drive(guest.exited)).toEqual({ code: 5 });
    expect(fs.readFileSync(`${files.directory}/stdout`, "utf8")).toBe("hello world a b '\n");
  });

  test("ids, groups, capabilities and no_new_privs are set before the app", async () => {
    await using world = worldOf();
    const before: StepPlan[] = [
      { call: "prctl", args: [24, 21] },
      { call: "setgroups", args: [2, { bytes: words32(1234, 5678) }] },
      { call: "setresgid", args: [1002, 1002, 1002] },
      { call: "prctl", args: [8, 1] },
      { call: "setresuid", args: [1001, 1001, 1001] },
      {
        call: "capset",
        args: [{ bytes: words32(0x20080522, 0) }, { bytes: words32(1 << 13, 1 << 13, 1 << 13, 0, 0, 0) }],
      },
      { call: "prctl", args: [47, 2, 13, 0, 0] },
      { call: "prctl", args: [38, 1, 0, 0, 0] },
      { call: "umask", args: [0o077] },
      { call: "chdir", args: [{ text: "/tmp" }] },
    ];
    using files = lxe(
      buildInitProgram(
        machine,
        appSteps(
          ["/bin/sh", "-c", "id -u; id -g; id -G; umask; pwd; grep -E 'Cap(Eff|Bnd|Amb)|NoNew' /proc/self/status"],
          before,
        ),
      ),
    );
    const guest = await start(world, files);
    expect(await world.clock.drive(guest.exited)).toEqual({ code: 0 });
    const text = fs.readFileSync(`${files.directory}/stdout`, "utf8");
    expect(text).toBe(
      "1001\n1002\n1002 1234 5678\n0077\n/tmp\nCapEff:\t0000000000002000\nCapBnd:\t000001ffffdfffff\nCapAmb:\t0000000000002000\nNoNewPrivs:\t1\n",
    );
  });

  test("a socket of the host sees what is written, and the end when the app takes over", async () => {
    await using world = worldOf();
    const address = unixAddress("/.lxe/ready");
    const steps: StepPlan[] = [
      { call: "socket", args: [1, 1 | O_CLOEXEC, 0], result: "sock" },
      { call: "connect", args: [{ cell: "sock" }, { bytes: address.bytes }, address.length], indirect: [0] },
      { call: "write", args: [{ cell: "sock" }, { text: "ok" }, 2], indirect: [0] },
      { call: "execve", args: [{ text: "/bin/sleep" }, { texts: ["sleep", "1000"] }, environment] },
      { call: "exit_group", args: [1] },
    ];
    using files = lxe(buildInitProgram(machine, steps));
    const received = serveOnce(`${files.directory}/ready`);
    const guest = await start(world, files);
    expect(await received).toBe("ok");
    expect(guest.running).toBe(true);
    expect(guest.processes().map(({ argv }) => argv)).toEqual([["sleep", "1000"]]);
  });

  test("a failed execve goes on at its error step, with the errno to report; errors that nobody asks for leave no trace", async () => {
    await using world = worldOf();
    const steps: StepPlan[] = [
      { call: "openat", args: [atFdcwd, { text: "/.lxe/stdout" }, O_WRONLY_CREAT_APPEND, 0o600], result: "out" },
      { call: "execve", args: [{ text: "/nosuch" }, { texts: ["nosuch"] }, environment], onError: 2 },
      { call: "close", args: [999] },
      {
        call: "write",
        args: [{ cell: "out" }, BigInt(0x400000 + (machine === "x86_64" ? 0x1000 : 0x10000) + 0x10), 16],
        indirect: [0],
      },
      { call: "exit_group", args: [127] },
    ];
    using files = lxe(buildInitProgram(machine, steps));
    const guest = await start(world, files);
    expect(await world.clock.drive(guest.exited)).toEqual({ code: 127 });
    const cells = fs.readFileSync(`${files.directory}/stdout`);
    expect([cells.readBigUInt64LE(0), cells.readBigUInt64LE(8)]).toEqual([2n, 1n]);
  });

  test("a pause program reaps orphans and ends by the signal that it handles", async () => {
    await using world = worldOf();
    const handler = Buffer.alloc(32);
    handler.writeBigUInt64LE(0x400100n, 0);
    const ignore = Buffer.alloc(32);
    ignore.writeBigUInt64LE(1n, 0);
    const steps: StepPlan[] = [
      { call: "rt_sigaction", args: [15, { bytes: handler }, 0, 8] },
      { call: "rt_sigaction", args: [17, { bytes: ignore }, 0, 8] },
      { call: "ppoll", args: [0, 0, 0, 0], onError: 3 },
      { call: "exit_group", args: [0] },
    ];
    using files = lxe(buildInitProgram(machine, steps));
    const guest = await start(world, files);
    await world.clock.advance(10);
    await shell(world, guest, "true & true &");
    await world.clock.advance(10);
    expect(guest.processes()).toHaveLength(1);
    guest.kill(1);
    await world.clock.advance(10);
    expect(guest.running).toBe(true);
    guest.kill(15);
    expect(await world.clock.drive(guest.exited)).toEqual({ code: 0 });
  });

  test("the rest of the calls do what they say", async () => {
    await using world = worldOf();
    const steps: StepPlan[] = [
      { call: "mkdirat", args: [atFdcwd, { text: "/tmp/made" }, 0o755], onError: 9 },
      { call: "mkdirat", args: [atFdcwd, { text: "/tmp/gone" }, 0o755], onError: 9 },
      { call: "unlinkat", args: [atFdcwd, { text: "/tmp/gone" }, 0x200], onError: 9 },
      { call: "fcntl", args: [0, 1030, 10], result: "dup", onError: 9 },
      { call: "fcntl", args: [{ cell: "dup" }, 1], indirect: [0], onError: 9 },
      { call: "getpid", result: "pid" },
      { call: "kill", args: [{ cell: "pid" }, 0], indirect: [0], onError: 9 },
      { call: "wait4", args: [-1, 0, 1, 0], onSuccess: 9 },
      { call: "exit_group", args: [0] },
      { call: "exit_group", args: [1] },
    ];
    using files = lxe(buildInitProgram(machine, steps));
    const guest = await start(world, files);
    expect(await world.clock.drive(guest.exited)).toEqual({ code: 0 });
    expect(await guest.files.list("/tmp")).toEqual(["made"]);
  });

  test("another machine's program is refused", async () => {
    await using world = worldOf();
    using files = lxe(
      buildInitProgram(machine === "x86_64" ? "aarch64" : "x86_64", [{ call: "exit_group", args: [0] }]),
    );
    await expect(start(world, files)).rejects.toMatchObject({
      message: expect.stringContaining("Exec format error") as string,
    });
  });
});

function serveOnce(socketPath: string): Promise<string> {
  return new Promise((resolve) => {
    const server = net.createServer((connection) => {
      const chunks: Buffer[] = [];
      connection.on("data", (chunk: Buffer) => chunks.push(chunk));
      connection.on("end", () => {
        server.close();
        resolve(Buffer.concat(chunks).toString());
      });
    });
    server.listen(socketPath);
  });
}
