/** Pods and containers for scenarios, with names that nobody else has; removed at the end of the scope. */
import {
  ContainerState,
  type ContainerConfig,
  type ContainerStatus,
  type DeepPartial,
  NamespaceMode,
  type PodSandboxConfig,
  type PodSandboxStatus,
} from "@lxe/cri";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ArmInstance } from "../arms/arm.ts";
import { TestContainer } from "./container.ts";

/** What pods are made on. */
export type PodHost = Pick<ArmInstance, "cri" | "images" | "workDir"> & Partial<Pick<ArmInstance, "name">>;

export interface PodSpec {
  /** Over the defaults: metadata, log directory, a PID namespace per container. */
  readonly config?: DeepPartial<PodSandboxConfig>;
  readonly runtimeHandler?: string;
}

export interface ContainerSpec {
  /** Default `main`. */
  readonly name?: string;
  readonly attempt?: number;
  /** Runs with `sh -c`; instead of `config.command`. */
  readonly script?: string;
  readonly config?: DeepPartial<ContainerConfig>;
}

/** Runs until it is told to end, and then ends at once. */
export const SLEEP = "trap 'exit 0' TERM; while true; do sleep 1000 & wait; done";

export class TestPod implements AsyncDisposable {
  readonly arm: PodHost;
  readonly config: DeepPartial<PodSandboxConfig>;
  /** On the host; holds the logs, too. */
  readonly directory: string;
  readonly runtimeHandler: string;
  id = "";

  constructor(arm: PodHost, directory: string, spec: PodSpec) {
    this.arm = arm;
    this.directory = directory;
    this.config = { ...defaultConfig(directory), ...spec.config };
    this.runtimeHandler = spec.runtimeHandler ?? "";
  }

  async run(): Promise<void> {
    const { podSandboxId } = await this.arm.cri.runPodSandbox({
      config: this.config,
      runtimeHandler: this.runtimeHandler,
    });
    this.id = podSandboxId;
  }

  async status(): Promise<PodSandboxStatus> {
    const { status } = await this.arm.cri.podSandboxStatus({ podSandboxId: this.id });
    if (!status) throw new Error("PodSandboxStatus without a status");
    return status;
  }

  /** The container exists, and has not been started. */
  async create(spec: ContainerSpec = {}): Promise<TestContainer> {
    const config = this.containerConfig(spec);
    const { containerId } = await this.arm.cri.createContainer({
      podSandboxId: this.id,
      config,
      sandboxConfig: this.config,
    });
    return new TestContainer(this.arm.cri, containerId, join(this.logDirectory, config.logPath ?? ""));
  }

  async start(spec: ContainerSpec = {}): Promise<TestContainer> {
    const container = await this.create(spec);
    await container.start();
    return container;
  }

  /** Starts it and waits for its end. */
  async complete(spec: ContainerSpec): Promise<{ container: TestContainer; status: ContainerStatus }> {
    const container = await this.start(spec);
    return { container, status: await container.reaches(ContainerState.CONTAINER_EXITED) };
  }

  containerConfig({ name = "main", attempt = 0, script, config }: ContainerSpec): DeepPartial<ContainerConfig> {
    return {
      metadata: { name, attempt },
      image: { image: this.arm.images.busybox },
      command: ["sh", "-c", script ?? SLEEP],
      logPath: `${name}/${attempt}.log`,
      linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } } },
      ...config,
    };
  }

  get logDirectory(): string {
    return join(this.directory, "logs");
  }

  async stop(): Promise<void> {
    await this.arm.cri.stopPodSandbox({ podSandboxId: this.id });
  }

  async remove(): Promise<void> {
    await this.arm.cri.removePodSandbox({ podSandboxId: this.id });
  }

  /** containerd fails where its shim ends just then ("ttrpc: closed"), and has a kubelet repeat the call. */
  async #removeAtLast(): Promise<void> {
    if (this.arm.name !== "containerd") return this.remove();
    await this.remove().catch(() => this.remove());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.id !== "") await this.#removeAtLast();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function defaultConfig(directory: string): DeepPartial<PodSandboxConfig> {
  const suffix = randomBytes(4).toString("hex");
  return {
    metadata: { name: `pod-${suffix}`, namespace: "conformance", uid: `uid-${suffix}`, attempt: 0 },
    hostname: `pod-${suffix}`,
    logDirectory: join(directory, "logs"),
    linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } } },
  };
}

/** A pod with its directory, not yet run. */
export async function preparePod(arm: PodHost, spec: PodSpec = {}): Promise<TestPod> {
  const directory = await mkdtemp(join(arm.workDir, "p-"));
  await chmod(directory, 0o755);
  await mkdir(join(directory, "logs"));
  return new TestPod(arm, directory, spec);
}

export async function runPod(arm: PodHost, spec: PodSpec = {}): Promise<TestPod> {
  const pod = await preparePod(arm, spec);
  await pod.run();
  return pod;
}
