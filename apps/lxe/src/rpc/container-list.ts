/** ListContainers and StreamContainers, from the index alone. */

import {
  type Container,
  type ContainerFilter,
  type ListContainersRequest,
  type ListContainersResponse,
  type StreamContainersRequest,
  type StreamContainersResponse,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import type { ContainerRecord } from "../model/records.ts";
import { inChunks, matchesLabels, oncePerRecord } from "../model/filters.ts";

export async function listContainers(
  context: Context,
  { filter }: ListContainersRequest,
): Promise<ListContainersResponse> {
  return { containers: [...select(context, filter)].map(messageOf) };
}

export async function* streamContainers(
  context: Context,
  { filter }: StreamContainersRequest,
): AsyncGenerator<StreamContainersResponse> {
  for (const chunk of inChunks(select(context, filter))) yield { containers: chunk.map(messageOf) };
}

function* select({ index }: Context, filter: ContainerFilter | undefined): Iterable<ContainerRecord> {
  const id = filter?.id ? index.expandContainerId(filter.id) : undefined;
  const sandboxId = filter?.podSandboxId ? index.expandSandboxId(filter.podSandboxId) : undefined;
  for (const container of index.containers()) {
    if (id !== undefined && container.id !== id) continue;
    if (sandboxId !== undefined && container.sandboxId !== sandboxId) continue;
    if (filter?.state && container.state !== filter.state.state) continue;
    if (matchesLabels(container.config.labels, filter?.labelSelector)) yield container;
  }
}

const messageOf = oncePerRecord(toContainer);

function toContainer({ id, sandboxId, config, facts, state, createdAt }: ContainerRecord): Container {
  return {
    id,
    podSandboxId: sandboxId,
    metadata: config.metadata,
    image: config.image,
    imageRef: facts.imageRef,
    imageId: facts.imageId,
    state,
    createdAt,
    labels: config.labels,
    annotations: config.annotations,
  };
}
