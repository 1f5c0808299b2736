/** What the arms of lxe have in common: lxe in front of some LXD, on sockets in a short temporary directory. */
import { createCriClient } from "@lxe/cri";
import { createLxdClient } from "@lxe/lxd-client";
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startArmRegistry } from "../support/arm-registry.ts";
import { clearLxe, remainsOfLxe } from "../support/lxe-remains.ts";
import { lxdInstance } from "../support/lxd-instance.ts";
import { uploadBusybox } from "../support/upload-image.ts";
import type { ArmInstance, Daemon } from "./arm.ts";
import { makeArmDirectory } from "./directory.ts";
import { lxeDaemon } from "./lxe-daemon.ts";

export interface Backend {
  readonly name: string;
  readonly lxdSocket: string;
  readonly lxd: Daemon | undefined;
  readonly bridgeName: string;
  /** Content of the busybox program for images. */
  readonly busybox: Uint8Array<ArrayBuffer>;
  readonly cgroup: ArmInstance["cgroup"];
  readonly connectToPod?: NonNullable<ArmInstance["connectToPod"]>;
  /** A file instead of the host's kernel log. */
  readonly kernelLog?: string;
  /** Ends the LXD, if it is the arm's own. */
  close(): Promise<void>;
}

/** Takes the backend over: it is closed with the instance, and when the start fails. */
export async function startInstance(backend: Backend): Promise<ArmInstance> {
  const directory = await makeArmDirectory();
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(directory, { recursive: true, force: true }));
  undo.defer(() => backend.close());
  const client = undo.use(createLxdClient({ socketPath: backend.lxdSocket }));
  const alias = `conformance/busybox-${randomBytes(4).toString("hex")}`;
  const fingerprint = await uploadBusybox(client, alias, { busybox: backend.busybox, flavour: alias });
  undo.defer(async () => void (await client.images.delete(fingerprint)));
  const socket = join(directory, "lxe.sock");
  const stateDir = join(directory, "s");
  const workDir = join(directory, "w");
  const logFile = process.env["LXE_TEST_LOG"] ?? join(directory, "lxe.log");
  await mkdir(workDir, { mode: 0o755 });
  const registryConfigDir = join(directory, "certs.d");
  const registry = undo.use(await startArmRegistry(registryConfigDir));
  const lxe = lxeDaemon({
    socket,
    stateDir,
    lxdSocket: backend.lxdSocket,
    bridgeName: backend.bridgeName,
    registryConfigDir,
    kernelLog: backend.kernelLog,
    logFile,
  });
  undo.defer(() => lxe.stop("graceful"));
  await lxe.start();
  const endpoint = `unix://${socket}`;
  const cri = undo.use(createCriClient(endpoint, { timeoutMs: 120_000 }));
  const owned = undo.move();
  const close = (): Promise<void> => owned.disposeAsync();
  return {
    name: backend.name,
    cri,
    endpoint,
    images: { busybox: alias },
    busybox: backend.busybox,
    registry,
    registryConfigDir,
    runtime: lxe,
    lxd: { client, daemon: backend.lxd },
    workDir,
    logFile,
    cgroup: backend.cgroup,
    connectToPod: backend.connectToPod,
    task: async (id) => {
      const { pid, status } = await lxdInstance(client, id);
      return { pid, running: status !== "Stopped" };
    },
    remains: () => remainsOfLxe(client, stateDir, workDir),
    clear: () => clearLxe(client, stateDir),
    connect: () => createCriClient(endpoint, { timeoutMs: 120_000 }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
