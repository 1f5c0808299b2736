/**
 * What scenarios run against: a CRI endpoint with what is behind it. An arm knows how to make one; a scenario knows no arm.
 */
import type { Duplex } from "node:stream";
import type { CriClient } from "@lxe/cri";
import type { LxdClient } from "@lxe/lxd-client";
import type { TestRegistry } from "lxe/testing/registry";

/**
 * What an image is for; each arm has its own reference for it.
 * `busybox`: `/bin/sh` and the applets of `busybox-image.ts` as links in /bin; users `root` and `app` (1234, also in group
 * `extra`, 2222); writable /tmp.
 */
export type ImageRole = "busybox";

export interface Arm {
  readonly name: string;
  start(): Promise<ArmInstance>;
}

/** A daemon that a scenario may end and start. */
export interface Daemon {
  /** `graceful`: SIGTERM; `kill`: SIGKILL. Resolves when the process is gone. */
  stop(kind: StopKind): Promise<void>;
  /** Resolves when it answers. */
  start(): Promise<void>;
}

export type StopKind = "graceful" | "kill";

/** A cgroup file's name in both versions: `memory.limit_in_bytes`, `memory.max`. */
export interface CgroupFile {
  readonly v1: string;
  readonly v2: string;
}

/** A container as it is, whatever the runtime says of it, and also while the runtime is away. */
export interface Task {
  /** Of the first process; 0 when it does not run. */
  readonly pid: number;
  readonly running: boolean;
}

/** The LXD behind lxe. */
export interface LxdParts {
  /** For what CRI does not tell: limits, left-over instances. */
  readonly client: LxdClient;
  /** Ends with its state kept and the containers running; undefined where the LXD is not the arm's own. */
  readonly daemon: Daemon | undefined;
}

export interface ArmInstance extends AsyncDisposable {
  readonly name: string;
  readonly cri: CriClient;
  /** `unix:///...` */
  readonly endpoint: string;
  /** Names for CreateContainer. */
  readonly images: Readonly<Record<ImageRole, string>>;
  /** Content of the busybox program, for images that a scenario makes. */
  readonly busybox: Uint8Array;
  /** Where the runtime pulls from, by each of `REGISTRY_NAMES` (`support/arm-registry.ts`). */
  readonly registry: TestRegistry;
  /** The runtime's hosts.toml files; it reads them anew for each pull. */
  readonly registryConfigDir: string;
  /** What answers CRI: lxe, or the reference. */
  readonly runtime: Daemon;
  /** Undefined behind the reference. */
  readonly lxd: LxdParts | undefined;
  /** An empty directory on the host, for logs and volumes. */
  readonly workDir: string;
  /** Content of a file of the process's cgroup, without the line end; undefined where no kernel stands behind the arm. */
  readonly cgroup: ((pid: number, file: CgroupFile) => Promise<string>) | undefined;
  /** To an address of a pod, where processes of the host have no way there. */
  readonly connectToPod: ((address: string, port: number) => Promise<Duplex>) | undefined;
  /** By its CRI id. */
  task(id: string): Promise<Task>;
  /** A line for each thing below CRI that is there without need once all pods are removed. */
  remains(): Promise<string[]>;
  /** Takes those away by force. */
  clear(): Promise<void>;
  /** The runtime's log. */
  readonly logFile: string;
  /** A fresh client; the caller closes it. */
  connect(): CriClient;
  /** Ends everything that the arm started and removes its files. */
  close(): Promise<void>;
}

/** Ends and starts the runtime; resolves when it is ready again. */
export async function restartRuntime({ runtime }: ArmInstance, kind: StopKind): Promise<void> {
  await runtime.stop(kind);
  await runtime.start();
}
