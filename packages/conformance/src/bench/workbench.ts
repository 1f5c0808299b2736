/** An LXD with an image, a bridge and a place for files: what a benchmark starts lxe on. */
import { createLxdClient, isLxdError, type LxdClient } from "@lxe/lxd-client";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { uploadBusybox } from "../support/upload-image.ts";
import type { BenchLxd } from "./lxds.ts";
import { type LxeOptions, type LxeProcess, startLxe } from "./lxe-process.ts";
import { removePods } from "./pods.ts";

export interface Workbench extends AsyncDisposable {
  readonly lxd: LxdClient;
  readonly lxdSocket: string;
  /** Of the busybox image. */
  readonly image: string;
  readonly directory: string;
  readonly stateDir: string;
  /** `10.1.2.`: the bridge's network is that and a number. */
  readonly addressPrefix: string;
  /** A fresh process on the same state; another LXD socket may stand before LXD's. */
  startLxe(options?: Partial<LxeOptions>): Promise<LxeProcess>;
}

/** Short, because names of sockets go below it; containers see files there as users of their own. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp("/tmp/lxb-");
  await chmod(directory, 0o711);
  return directory;
}

/** Takes the LXD and the directory over; removes the pods of benchmarks in the end. */
export async function openWorkbench(directory: string, backend: BenchLxd, program: string): Promise<Workbench> {
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(directory, { recursive: true, force: true }));
  undo.use(backend);
  const lxd = undo.use(createLxdClient({ socketPath: backend.socket }));
  await eventually(
    "LXD answers",
    () => lxd.server.get(),
    () => true,
  );
  const image = `bench/busybox-${randomBytes(4).toString("hex")}`;
  const fingerprint = await uploadBusybox(lxd, image, { busybox: backend.busybox, flavour: image });
  undo.defer(async () => void (await lxd.images.delete(fingerprint)));
  const addressPrefix = await bridgePrefix(lxd, backend.bridgeName);
  const stateDir = join(directory, "s");
  const start = (options?: Partial<LxeOptions>): Promise<LxeProcess> =>
    startLxe({
      program,
      socket: join(directory, "lxe.sock"),
      stateDir,
      lxdSocket: backend.socket,
      bridgeName: backend.bridgeName,
      // the addresses above are for instances that the benchmark makes itself
      addresses: `${addressPrefix}2-${addressPrefix}199`,
      logFile: join(directory, "lxe.log"),
      ...options,
    });
  undo.defer(async () => {
    await using lxe = await start();
    await removePods(lxe.cri);
  });
  const owned = undo.move();
  return {
    lxd,
    lxdSocket: backend.socket,
    image,
    directory,
    stateDir,
    addressPrefix,
    startLxe: start,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function bridgePrefix(lxd: LxdClient, name: string): Promise<string> {
  const address = (await bridge(lxd, name)).config["ipv4.address"] ?? "";
  const prefix = /^(\d+\.\d+\.\d+\.)1\/24$/.exec(address)?.[1];
  if (prefix === undefined) throw new Error(`bridge ${name} has the address ${address}: a benchmark needs x.x.x.1/24`);
  return prefix;
}

async function bridge(lxd: LxdClient, name: string) {
  try {
    return (await lxd.networks.get(name)).value;
  } catch (error) {
    if (!isLxdError(error, "not-found")) throw error;
    await lxd.networks.create({ name, type: "bridge", config: {} });
    return (await lxd.networks.get(name)).value;
  }
}
