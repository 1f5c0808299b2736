/** ContainerStatus, from the index alone. */

import {
  ContainerState,
  type ContainerStatus,
  type ContainerStatusRequest,
  type ContainerStatusResponse,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import { type ContainerRecord, resourcesOf } from "../model/records.ts";
import { signalOf } from "../translate/signals.ts";

export async function containerStatus(
  context: Context,
  { containerId, verbose }: ContainerStatusRequest,
): Promise<ContainerStatusResponse> {
  const container = context.index.container(containerId);
  return { status: toStatus(container), info: verbose ? { info: JSON.stringify(infoOf(container)) } : {} };
}

function toStatus(container: ContainerRecord): ContainerStatus {
  const { id, config, facts, state, createdAt, startedAt, exit } = container;
  const resources = resourcesOf(container);
  const exited = state === ContainerState.CONTAINER_EXITED ? exit : undefined;
  return {
    id,
    metadata: config.metadata,
    state,
    createdAt,
    startedAt,
    finishedAt: exited?.finishedAt ?? 0n,
    exitCode: exited?.code ?? 0,
    image: config.image,
    imageRef: facts.imageRef,
    imageId: facts.imageId,
    reason: exited?.reason ?? "",
    message: exited?.message ?? "",
    labels: config.labels,
    annotations: config.annotations,
    mounts: config.mounts,
    logPath: facts.logPath,
    resources: resources ? { linux: resources, windows: undefined } : undefined,
    user: {
      linux: {
        uid: BigInt(facts.user.uid),
        gid: BigInt(facts.user.gid),
        supplementalGroups: facts.user.groups.map(BigInt),
      },
    },
    stopSignal: signalOf(facts.stopSignal),
  };
}

/** For people: what `crictl inspect` shows. The environment is left out, it may hold secrets. */
function infoOf({ instance, sandboxId, facts }: ContainerRecord): object {
  const { env: _, ...shown } = facts;
  return { instance, sandboxID: sandboxId, ...shown };
}
