/** A kernel, guests and commands for tests. */
import { PassThrough, Readable } from "node:stream";
import { createBusyboxTree, createGuestKernel } from "../index.ts";
import type { Guest, GuestExit, GuestKernel, GuestSpec } from "../types.ts";
import { systemHost } from "../../platform/system-host.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface World extends AsyncDisposable {
  readonly kernel: GuestKernel;
  readonly clock: VirtualClock;
}

export function createWorld(seed = 1): World {
  const clock = new VirtualClock();
  const kernel = createGuestKernel({
    clock,
    random: seeded(seed),
    host: systemHost,
    kernelVersion: "6.12.0",
    architecture: "x86_64",
  });
  return { kernel, clock, [Symbol.asyncDispose]: () => kernel.close() };
}

/** A small generator (mulberry32). */
function seeded(seed: number): { next: () => number } {
  let state = seed;
  return {
    next() {
      state = (state + 0x6d2b79f5) | 0;
      let value = Math.imul(state ^ (state >>> 15), 1 | state);
      value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
      return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function guestSpec(world: World, overrides: Partial<GuestSpec> = {}): GuestSpec {
  return {
    name: "test",
    hostname: "test",
    rootfs: createBusyboxTree(() => world.clock.now()),
    rootfsReadonly: false,
    initArgv: ["/sbin/init"],
    uid: 0,
    gid: 0,
    cwd: "/",
    env: { PATH: path, HOME: "/root" },
    mounts: [],
    namespaces: {},
    interfaces: [],
    console: "none",
    security: {
      privileged: false,
      idmapBase: 1_000_000,
      idmapSize: 65_536,
      capDrop: [],
      noNewPrivs: false,
      seccomp: undefined,
    },
    limits: {},
    sysctls: {},
    cgroupPath: "lxc.payload.test",
    ...overrides,
  };
}

export function startGuest(world: World, overrides: Partial<GuestSpec> = {}): Promise<Guest> {
  return world.kernel.start(guestSpec(world, overrides));
}

export interface Output {
  stdout: string;
  stderr: string;
  code: number;
}

/** 128 and the signal for those that died by one. */
export function exitNumber(exit: GuestExit): number {
  return "code" in exit ? exit.code : 128 + exit.signal;
}

export interface RunOptions {
  stdin?: string | Readable;
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
  cwd?: string;
}

/** Runs a command in a guest to its end; bytes as latin1. */
export async function run(world: World, guest: Guest, argv: string[], options: RunOptions = {}): Promise<Output> {
  const { stdout, stderr, texts } = collectors();
  const process = await guest.exec({
    argv,
    env: { PATH: path, HOME: "/root", ...options.env },
    cwd: options.cwd ?? "/",
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
    stdin:
      typeof options.stdin === "string"
        ? Readable.from(options.stdin === "" ? [] : [Buffer.from(options.stdin, "latin1")])
        : (options.stdin ?? null),
    stdout,
    stderr,
  });
  const exit = await world.clock.drive(Promise.all([process.exited, process.outputClosed]).then(([status]) => status));
  return { stdout: texts.stdout(), stderr: texts.stderr(), code: exitNumber(exit) };
}

export function shell(world: World, guest: Guest, text: string, options: RunOptions = {}): Promise<Output> {
  return run(world, guest, ["sh", "-c", text], options);
}

/** Streams that keep what is written. */
export function collectors(): {
  stdout: PassThrough;
  stderr: PassThrough;
  texts: { stdout: () => string; stderr: () => string };
} {
  const stdout = collect();
  const stderr = collect();
  return { stdout: stdout.stream, stderr: stderr.stream, texts: { stdout: stdout.text, stderr: stderr.text } };
}

function collect(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString("latin1") };
}
