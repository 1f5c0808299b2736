/**
 * What lxe knows of a sandbox and of a container: immutable snapshots, each read from one LXD instance (`store/codec.ts`).
 *
 *   sandbox    (starting) ──▶ READY ──▶ NOTREADY
 *   container  CREATED ──▶ RUNNING ──▶ EXITED          CREATED ──▶ EXITED (start failed)
 *
 * States are derived from what LXD says, so they cannot disagree with it.
 */

import {
  ContainerState,
  type ContainerConfig,
  type LinuxContainerResources,
  type PodSandboxConfig,
  PodSandboxState,
} from "@lxe/cri";

/** How a sandbox's ids relate to the host's. */
export type UserNamespaceChoice =
  | { readonly kind: "host" }
  /** LXD's default map. */
  | { readonly kind: "default" }
  | { readonly kind: "mapped"; readonly hostId: number; readonly length: number };

/** Every record names the LXD instance that it was read from. */
interface Identity {
  readonly id: string;
  readonly instance: string;
  /** Nanoseconds since the epoch. */
  readonly createdAt: bigint;
  /** LXD could not tell the instance's state: the last known one is shown, and LXD is asked again. */
  readonly uncertain: boolean;
}

export interface SandboxRecord extends Identity {
  readonly kind: "sandbox";
  readonly config: PodSandboxConfig;
  readonly runtimeHandler: string;
  readonly addresses: readonly string[];
  readonly userns: UserNamespaceChoice;
  readonly state: PodSandboxState;
  /** LXD never started it: a RunPodSandbox that has not finished. */
  readonly starting: boolean;
}

/** How a container ended. */
export interface Exit {
  readonly code: number;
  /** CamelCase, as the kubelet shows it: Completed, Error, OOMKilled, StartError, Unknown. */
  readonly reason: string;
  readonly message: string;
  /** Nanoseconds since the epoch. */
  readonly finishedAt: bigint;
}

export interface ContainerUserIds {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** What lxe decided at creation, beyond the config. */
export interface ContainerFacts {
  /** Image.id in CRI. */
  readonly imageId: string;
  /** Shown to users: a digest reference where one is known, else the id. */
  readonly imageRef: string;
  /** A system container boots the image's init; an application container's pid 1 is the app. */
  readonly type: "app" | "system";
  readonly user: ContainerUserIds;
  /** `KEY=value` in order, as exec'd commands get it; one character stands for one byte (latin1). */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly stopSignal: string;
  /** Absolute, or empty when the container's output is not kept. */
  readonly logPath: string;
  readonly architecture: string;
  /** Host paths of mounts, by their position, that the container's root cannot reach by itself (`host-mounts.ts`). */
  readonly staged: Readonly<Record<number, string>>;
  /** Numbers of the capabilities that the app keeps; absent: all that LXD leaves. */
  readonly capabilities?: readonly number[];
}

export interface Resized {
  readonly resources: LinuxContainerResources;
  /** As it is kept. */
  readonly text: string;
}

export interface ContainerRecord extends Identity {
  readonly kind: "container";
  /** Of the instance, for people; LXD takes it away when a change is asked for without it. */
  readonly description: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly facts: ContainerFacts;
  /** What UpdateContainerResources made of the config's resources; absent when it was not called. */
  readonly resized?: Resized;
  readonly state: ContainerState;
  /** 0n until it was started. */
  readonly startedAt: bigint;
  /** Absent until the exit was looked into, even if LXD says Stopped already. */
  readonly exit?: Exit;
}

/** Those that it has now. */
export const resourcesOf = ({
  config,
  resized,
}: Pick<ContainerRecord, "config" | "resized">): LinuxContainerResources | undefined =>
  resized?.resources ?? config.linux?.resources;

export type InstanceRecord = SandboxRecord | ContainerRecord;

export const isRunning = (container: ContainerRecord): boolean => container.state === ContainerState.CONTAINER_RUNNING;
/** It does not run, or not yet. */
export const hasEnded = ({ state }: ContainerRecord): boolean =>
  state === ContainerState.CONTAINER_EXITED || state === ContainerState.CONTAINER_CREATED;
export const isReady = (sandbox: SandboxRecord): boolean =>
  sandbox.state === PodSandboxState.SANDBOX_READY && !sandbox.starting;
