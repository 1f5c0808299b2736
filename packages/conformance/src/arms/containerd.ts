/** The arm with containerd 2: no lxe. What a scenario asks for is right if this reference does it, too. */
import { createCriClient } from "@lxe/cri";
import { testImage } from "lxe/testing/registry";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { REGISTRY_NAMES, startArmRegistry } from "../support/arm-registry.ts";
import { mountsBelow } from "../support/mounts-below.ts";
import { busyboxLayer } from "../support/oci-busybox.ts";
import { CONTAINERD_SCRIPT } from "../support/paths.ts";
import { isAlive } from "../support/processes.ts";
import type { Arm, ArmInstance, Daemon, Task } from "./arm.ts";
import { readHostCgroup } from "./host-cgroup.ts";

const run = promisify(execFile);

/** Always the same, so that the next run finds what a killed one left. Short: sockets lie below it. */
const DIRECTORY = process.env["LXE_TEST_CONTAINERD_DIR"] ?? "/tmp/lxe-test-ctr";
const BUSYBOX = `${REGISTRY_NAMES[0]}/arm/busybox:latest`;
const PAUSE = `${REGISTRY_NAMES[0]}/arm/pause:latest`;
/** As a container's first process it sleeps and reaps. */
const PAUSE_COMMAND = ["/bin/sh", "-c", "trap 'exit 0' TERM INT; while true; do sleep 100000 & wait $!; done"];
const PROGRAM = "/opt/containerd2/usr/bin/containerd";

/** Why no containerd can be started here; undefined: it can. */
export function noContainerdReason(): string | undefined {
  if (process.platform !== "linux") return "containerd needs Linux";
  if (process.getuid?.() !== 0) return "containerd needs root";
  if (!existsSync(PROGRAM)) return "not installed (packages/conformance/containerd/containerd.sh install)";
  return undefined;
}

export const containerdArm: Arm = {
  name: "containerd",
  start: async () => {
    await using undo = new AsyncDisposableStack();
    undo.defer(() => script("stop"));
    await script("start");
    const workDir = join(DIRECTORY, "w");
    await mkdir(workDir, { mode: 0o755 });
    const busybox = Uint8Array.from(await readFile(process.env["LXE_TEST_BUSYBOX"] ?? "/bin/busybox"));
    const registryConfigDir = join(DIRECTORY, "certs.d");
    const registry = undo.use(await startArmRegistry(registryConfigDir));
    const layers = [busyboxLayer(busybox)];
    registry.push(testImage({ layers, run: { Env: ["PATH=/bin"] } }), "arm/busybox", "latest");
    registry.push(testImage({ layers, run: { Entrypoint: PAUSE_COMMAND } }), "arm/pause", "latest");
    const endpoint = `unix://${DIRECTORY}/containerd.sock`;
    const cri = undo.use(createCriClient(endpoint, { timeoutMs: 120_000 }));
    for (const image of [BUSYBOX, PAUSE]) await cri.pullImage({ image: { image } });
    const owned = undo.move();
    const close = (): Promise<void> => owned.disposeAsync();
    return {
      name: "containerd",
      cri,
      endpoint,
      images: { busybox: BUSYBOX },
      busybox,
      registry,
      registryConfigDir,
      runtime: daemon,
      lxd: undefined,
      workDir,
      logFile: `${DIRECTORY}.log`,
      cgroup: readHostCgroup,
      task,
      remains: () => remains(workDir),
      clear: async () => undefined,
      connect: () => createCriClient(endpoint, { timeoutMs: 120_000 }),
      close,
      [Symbol.asyncDispose]: close,
    } satisfies ArmInstance;
  },
};

const script = async (verb: string): Promise<void> =>
  void (await run(CONTAINERD_SCRIPT, [verb, DIRECTORY], { env: { ...process.env, PAUSE } }));

/** It has no end that is gentler to its containers than being killed. */
const daemon: Daemon = { stop: () => script("down"), start: () => script("up") };

const TASKS = join(DIRECTORY, "state/io.containerd.runtime.v2.task/k8s.io");

async function task(id: string): Promise<Task> {
  const pid = Number(await readFile(join(TASKS, id, "init.pid"), "utf8").catch(() => "0"));
  const running = pid > 0 && isAlive(pid);
  return { pid: running ? pid : 0, running };
}

const CRI_STATE = ["containers", "sandboxes"].map((kind) => join(DIRECTORY, "state/io.containerd.grpc.v1.cri", kind));

async function remains(workDir: string): Promise<string[]> {
  const directories = [TASKS, ...CRI_STATE];
  const files = await Promise.all(
    directories.map(async (path) => (await readdir(path).catch(() => [])).map((name) => `file ${join(path, name)}`)),
  );
  const mounts = await mountsBelow([workDir]);
  return [...files.flat(), ...mounts.map((path) => `mount ${path}`)];
}
