/** Records of a pod and a container as tests need them: complete, and with what a test is about replaced. */

import { ContainerConfig, ContainerState, PodSandboxConfig, PodSandboxState } from "@lxe/cri";
import type { ContainerRecord, SandboxRecord } from "../records.ts";

export const SANDBOX_ID = "5".repeat(64);
export const CONTAINER_ID = "c".repeat(64);

export function sandboxRecord(changes: Partial<SandboxRecord> = {}): SandboxRecord {
  return {
    kind: "sandbox",
    id: SANDBOX_ID,
    instance: "web-55555555",
    createdAt: 1_700_000_000_000_000_001n,
    uncertain: false,
    config: PodSandboxConfig.fromPartial({ metadata: { name: "web", namespace: "default", uid: "u1" } }),
    runtimeHandler: "",
    addresses: ["10.0.0.7"],
    userns: { kind: "default" },
    state: PodSandboxState.SANDBOX_READY,
    starting: false,
    ...changes,
  };
}

export function containerRecord(changes: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    kind: "container",
    description: "app of pod default/web",
    id: CONTAINER_ID,
    instance: "web-55555555-app-cccccc",
    sandboxId: SANDBOX_ID,
    createdAt: 1_700_000_000_000_000_002n,
    uncertain: false,
    config: ContainerConfig.fromPartial({ metadata: { name: "app" }, image: { image: "busybox" } }),
    facts: {
      imageId: `sha256:${"1".repeat(64)}`,
      imageRef: `sha256:${"1".repeat(64)}`,
      type: "app",
      user: { uid: 0, gid: 0, groups: [0] },
      env: ["PATH=/bin"],
      cwd: "/",
      stopSignal: "SIGTERM",
      logPath: "",
      architecture: process.arch === "arm64" ? "aarch64" : "x86_64",
      staged: {},
    },
    state: ContainerState.CONTAINER_CREATED,
    startedAt: 0n,
    ...changes,
  };
}
