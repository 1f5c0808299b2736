/** The arm with containerd 2: no lxe. What a scenario asks for is right if this reference does it, too. */
import { createCriClient } from "@lxe/cri";
import { testImage } from "lxe/testing/registry";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { REGISTRY_NAMES, startArmRegistry } from "../support/arm-registry.ts";
import { eventually } from "../support/eventually.ts";
import { mountsBelow } from "../support/mounts-below.ts";
import { busyboxLayer } from "../support/oci-busybox.ts";
import { CONTAINERD_SCRIPT } from "../support/paths.ts";
import { isAlive } from "../support/processes.ts";
import type { Arm, ArmInstance, Task } from "./arm.ts";
import { readHostCgroup } from "./host-cgroup.ts";

const run = promisify(execFile);

export interface ContainerdPlace {
  /** Always the same, so that the next run finds what a killed one left. Short: sockets lie below it. */
  readonly directory: string;
  /** Of its own; the script's defaults otherwise. */
  readonly network?: { readonly BRIDGE: string; readonly SUBNET: string };
}

const PLACE: ContainerdPlace = { directory: process.env["LXE_TEST_CONTAINERD_DIR"] ?? "/tmp/lxe-test-ctr" };
const BUSYBOX = `${REGISTRY_NAMES[0]}/arm/busybox:latest`;
const PAUSE = `${REGISTRY_NAMES[0]}/arm/pause:latest`;
/** As a container's first process it sleeps and reaps. */
const PAUSE_COMMAND = ["/bin/sh", "-c", "trap 'exit 0' TERM INT; while true; do sleep 100000 & wait $!; done"];
const RPC_TIMEOUT_MS = 120_000;
const PROGRAM = "/opt/containerd2/usr/bin/containerd";

/** Why no containerd can be started here; undefined: it can. */
export function noContainerdReason(): string | undefined {
  if (process.platform !== "linux") return "containerd needs Linux";
  if (process.getuid?.() !== 0) return "containerd needs root";
  if (!existsSync(PROGRAM)) return "not installed (packages/conformance/containerd/containerd.sh install)";
  return undefined;
}

export const containerdArm: Arm = { name: "containerd", start: () => startContainerd(PLACE) };

export async function startContainerd({ directory, network }: ContainerdPlace): Promise<ArmInstance> {
  const script = async (verb: string): Promise<void> =>
    void (await run(CONTAINERD_SCRIPT, [verb, directory], { env: { ...process.env, ...network, PAUSE } }));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => script("stop"));
  await script("start");
  const workDir = join(directory, "w");
  await mkdir(workDir, { mode: 0o755 });
  const busybox = Uint8Array.from(await readFile(process.env["LXE_TEST_BUSYBOX"] ?? "/bin/busybox"));
  const registryConfigDir = join(directory, "certs.d");
  const registry = undo.use(await startArmRegistry(registryConfigDir));
  const layers = [busyboxLayer(busybox)];
  registry.push(testImage({ layers, run: { Env: ["PATH=/bin"] } }), "arm/busybox", "latest");
  registry.push(testImage({ layers, run: { Entrypoint: PAUSE_COMMAND } }), "arm/pause", "latest");
  const endpoint = `unix://${directory}/containerd.sock`;
  const cri = undo.use(createCriClient(endpoint, { timeoutMs: RPC_TIMEOUT_MS }));
  // it is up before its CRI is ("server is not initialized yet")
  const answers = async (): Promise<void> =>
    void (await eventually(
      "containerd answers",
      () => cri.listPodSandbox({}),
      () => true,
    ));
  await answers();
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
    // it has no end that is gentler to its containers than being killed
    runtime: { stop: () => script("down"), start: () => script("up").then(answers) },
    lxd: undefined,
    workDir,
    logFile: `${directory}.log`,
    cgroup: readHostCgroup,
    connectToPod: undefined,
    task: (id) => task(directory, id),
    remains: () => remains(directory, workDir),
    clear: async () => undefined,
    connect: () => createCriClient(endpoint, { timeoutMs: RPC_TIMEOUT_MS }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const tasksOf = (directory: string): string => join(directory, "state/io.containerd.runtime.v2.task/k8s.io");

async function task(directory: string, id: string): Promise<Task> {
  const pid = Number(await readFile(join(tasksOf(directory), id, "init.pid"), "utf8").catch(() => "0"));
  const running = pid > 0 && isAlive(pid);
  return { pid: running ? pid : 0, running };
}

async function remains(directory: string, workDir: string): Promise<string[]> {
  const state = ["containers", "sandboxes"].map((kind) => join(directory, "state/io.containerd.grpc.v1.cri", kind));
  const files = await Promise.all(
    [tasksOf(directory), ...state].map(async (path) =>
      (await readdir(path).catch(() => [])).map((name) => `file ${join(path, name)}`),
    ),
  );
  const mounts = await mountsBelow([workDir]);
  return [...files.flat(), ...mounts.map((path) => `mount ${path}`)];
}
