/** PodSandboxStatus, from the index alone. */

import {
  NamespaceMode,
  type NamespaceOption,
  type PodSandboxNetworkStatus,
  PodSandboxState,
  type PodSandboxStatus,
  type PodSandboxStatusRequest,
  type PodSandboxStatusResponse,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import type { SandboxRecord } from "../model/records.ts";

export async function podSandboxStatus(
  context: Context,
  { podSandboxId, verbose }: PodSandboxStatusRequest,
): Promise<PodSandboxStatusResponse> {
  const sandbox = context.index.sandbox(podSandboxId);
  return {
    status: toStatus(sandbox),
    info: verbose ? { info: JSON.stringify({ instance: sandbox.instance, addresses: sandbox.addresses }) } : {},
    // the two belong to a design of the kubelet that trusts them: filled both or neither
    containersStatuses: [],
    timestamp: 0n,
  };
}

const POD_NAMESPACES: NamespaceOption = {
  network: NamespaceMode.POD,
  pid: NamespaceMode.POD,
  ipc: NamespaceMode.POD,
  targetId: "",
  usernsOptions: undefined,
};

function toStatus(sandbox: SandboxRecord): PodSandboxStatus {
  const { id, config, state, createdAt, runtimeHandler } = sandbox;
  return {
    id,
    metadata: config.metadata,
    state,
    createdAt,
    network: networkOf(sandbox),
    // always told: without it the kubelet takes a pod on the host's network for a changed one, and makes it anew
    linux: { namespaces: { options: config.linux?.securityContext?.namespaceOptions ?? POD_NAMESPACES } },
    labels: config.labels,
    annotations: config.annotations,
    runtimeHandler,
  };
}

function networkOf({ addresses, state }: SandboxRecord): PodSandboxNetworkStatus {
  const [ip = "", ...more] = state === PodSandboxState.SANDBOX_READY ? addresses : [];
  return { ip, additionalIps: more.map((address) => ({ ip: address })) };
}
