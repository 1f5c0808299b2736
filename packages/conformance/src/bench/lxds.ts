/** The LXDs that benchmarks run on, each in processes other than the benchmark's. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { NO_PROGRAM } from "../arms/fake.ts";
import { hostLxd, noLxdReason } from "../arms/host-lxd.ts";
import { startChild } from "../support/child.ts";
import { FAKE_LXD_PROGRAM, LXD_SCRIPT } from "../support/paths.ts";
import type { Skipped } from "./result.ts";

export interface BenchLxd extends AsyncDisposable {
  readonly socket: string;
  readonly bridgeName: string;
  /** Content of /bin/busybox of images. */
  readonly busybox: Uint8Array<ArrayBuffer>;
}

/** `real`: operations take as long as LXD's; `quick`: no longer than they need. */
export async function fakeLxd(directory: string, timing: "quick" | "real"): Promise<BenchLxd> {
  const socket = join(directory, "fake.sock");
  const child = startChild([process.execPath, FAKE_LXD_PROGRAM, `--socket=${socket}`, `--timing=${timing}`], {
    logFile: join(directory, "fake.log"),
  });
  return {
    socket,
    bridgeName: "lxebr0",
    busybox: NO_PROGRAM,
    [Symbol.asyncDispose]: () => child.end("SIGTERM"),
  };
}

const OWN = { directory: "/tmp/lxe-bench-lxd", bridge: "lxebench0", subnet: "10.213.77.1/24" };

/** The one that the environment names (`arms/host-lxd.ts`), else one of its own for as long as it is used. */
export async function realLxd(): Promise<BenchLxd | Skipped> {
  const given = hostLxd(process.env);
  if (!given) {
    const reason = noLxdReason();
    if (reason !== undefined) return { skipped: reason };
  }
  const busybox = await staticBusybox();
  if (!busybox) return { skipped: "no static busybox at /bin/busybox, and LXE_TEST_BUSYBOX names none" };
  if (given) return { ...given, busybox, [Symbol.asyncDispose]: async () => undefined };
  return ownLxd(busybox);
}

async function ownLxd(busybox: BenchLxd["busybox"]): Promise<BenchLxd> {
  const env = { ...process.env, BRIDGE: OWN.bridge, SUBNET: OWN.subnet };
  const script = (command: string) => promisify(execFile)(LXD_SCRIPT, [command, OWN.directory], { env });
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => void (await script("stop")));
  await script("start");
  const owned = undo.move();
  return {
    socket: join(OWN.directory, "unix.socket"),
    bridgeName: OWN.bridge,
    busybox,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function staticBusybox(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return Uint8Array.from(await readFile(process.env["LXE_TEST_BUSYBOX"] ?? "/bin/busybox"));
  } catch {
    return undefined;
  }
}
