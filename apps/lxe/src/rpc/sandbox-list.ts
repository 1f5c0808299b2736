/** ListPodSandbox and StreamPodSandboxes, from the index alone. */

import type {
  ListPodSandboxRequest,
  ListPodSandboxResponse,
  PodSandbox,
  PodSandboxFilter,
  StreamPodSandboxesRequest,
  StreamPodSandboxesResponse,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import { inChunks, matchesLabels, oncePerRecord } from "../model/filters.ts";
import type { SandboxRecord } from "../model/records.ts";

export async function listPodSandbox(
  context: Context,
  { filter }: ListPodSandboxRequest,
): Promise<ListPodSandboxResponse> {
  return { items: [...select(context, filter)].map(messageOf) };
}

export async function* streamPodSandboxes(
  context: Context,
  { filter }: StreamPodSandboxesRequest,
): AsyncGenerator<StreamPodSandboxesResponse> {
  for (const chunk of inChunks(select(context, filter))) yield { podSandboxes: chunk.map(messageOf) };
}

function* select({ index }: Context, filter: PodSandboxFilter | undefined): Iterable<SandboxRecord> {
  const id = filter?.id ? index.expandSandboxId(filter.id) : undefined;
  for (const sandbox of index.sandboxes()) {
    if (id !== undefined && sandbox.id !== id) continue;
    if (filter?.state && sandbox.state !== filter.state.state) continue;
    if (matchesLabels(sandbox.config.labels, filter?.labelSelector)) yield sandbox;
  }
}

const messageOf = oncePerRecord(toSandbox);

function toSandbox({ id, config, state, createdAt, runtimeHandler }: SandboxRecord): PodSandbox {
  return {
    id,
    metadata: config.metadata,
    state,
    createdAt,
    labels: config.labels,
    annotations: config.annotations,
    runtimeHandler,
  };
}
