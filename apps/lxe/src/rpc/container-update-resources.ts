/**
 * UpdateContainerResources: what is asked for is kept in LXD, which applies what it has keys for; then the cgroup of a running container
 * follows (decision 19). Nothing is started or stopped.
 */

import {
  type CallContext,
  FailedPreconditionError,
  InvalidArgumentError,
  LinuxContainerResources,
  NotFoundError,
  type UpdateContainerResourcesRequest,
  type UpdateContainerResourcesResponse,
} from "@lxe/cri";
import { isLxdError } from "@lxe/lxd-client";
import { cgroupOf, setCgroup } from "../container-cgroup.ts";
import type { Context } from "../context.ts";
import { type ContainerRecord, hasEnded, resourcesOf } from "../model/records.ts";
import { readInstance, resourcesKeys } from "../store/codec.ts";
import { mergeResources, resourceConfig } from "../translate/resize.ts";
import { oomScoreOf, translateResources } from "../translate/resources.ts";
import { sandboxLockOf } from "./sandbox-lock.ts";

/** Others change an instance, too: LXD when it starts or stops, and lxe when it records an exit. */
const ATTEMPTS_MAX = 5;
const REVISION_DIGITS = 8;

export async function updateContainerResources(
  context: Context,
  { containerId, linux, windows }: UpdateContainerResourcesRequest,
  call: CallContext,
): Promise<UpdateContainerResourcesResponse> {
  const found = context.index.container(containerId);
  if (windows !== undefined) throw new InvalidArgumentError("windows: lxe has Linux containers only");
  if (linux === undefined) return {};
  await context.podLock.run(sandboxLockOf(context, found), async () => {
    const container = context.index.container(found.id); // it may have been removed meanwhile
    const before = resourcesOf(container);
    const after = mergeResources(before, linux);
    translateResources(after, context.node.facts()); // nothing has changed yet, whatever field is wrong
    await resize(context, container, before, after, call.signal);
  });
  return {};
}

async function resize(
  context: Context,
  container: ContainerRecord,
  before: LinuxContainerResources | undefined,
  after: LinuxContainerResources,
  signal: AbortSignal,
): Promise<void> {
  const { reconciler } = context;
  if (isAlive(context, container)) {
    await checkMemory(context, container, before, after);
    await setOomScore(context, container, before, after);
  }
  await keep(context, container, after, signal);
  if (isAlive(context, container)) await apply(context, container, before, after);
  await reconciler.read(container.instance);
}

const isAlive = ({ index }: Context, { id }: ContainerRecord): boolean => {
  const current = index.findContainer(id);
  return current !== undefined && !hasEnded(current);
};

/** A kernel of cgroup v2 would kill to make room; one of v1 refuses. */
async function checkMemory(
  { kernel, ...context }: Context,
  container: ContainerRecord,
  before: LinuxContainerResources | undefined,
  { memoryLimitInBytes: limit }: LinuxContainerResources,
): Promise<void> {
  if (limit <= 0n || limit === before?.memoryLimitInBytes) return;
  const held = await kernel.memoryHeld(cgroupOf(context, container));
  if (held === undefined || held <= limit) return;
  throw new FailedPreconditionError(
    `linux.memory_limit_in_bytes: container ${container.id} holds ${held} bytes, more than ${limit}`,
  );
}

/** Before it is kept: a repeat of this call finds by what is kept that it is still to be done. */
async function setOomScore(
  { kernel, ...context }: Context,
  container: ContainerRecord,
  before: LinuxContainerResources | undefined,
  after: LinuxContainerResources | undefined,
): Promise<void> {
  const [former, next] = [before?.oomScoreAdj ?? 0n, after?.oomScoreAdj ?? 0n];
  if (next === former) return;
  await kernel.setOomScore(cgroupOf(context, container), oomScoreOf(next, context.node.facts()));
}

/** In LXD, all in one. */
async function keep(
  { lxd, node, random }: Context,
  { id, instance }: ContainerRecord,
  resources: LinuxContainerResources,
  signal?: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { value, etag } = await lxd.instances.get(instance, { signal });
    const current = readInstance(value);
    if (current?.kind !== "container" || current.id !== id)
      throw new NotFoundError(`container ${JSON.stringify(id)} not found`);
    const config = {
      ...resourceConfig(value.config, resourcesOf(current), resources, node.facts()),
      ...resourcesKeys(resources, random.hex(REVISION_DIGITS)),
    };
    try {
      // a request that is given up and carried out late changes nothing that was changed meanwhile, and no other container of that name
      return await lxd.instances.patch(instance, { description: value.description, config }, { etag, signal });
    } catch (error) {
      if (!isLxdError(error, "conflict") || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** What the kernel refuses is put back. */
async function apply(
  context: Context,
  container: ContainerRecord,
  before: LinuxContainerResources | undefined,
  after: LinuxContainerResources,
): Promise<void> {
  try {
    await setCgroup(context, container, after);
  } catch (error) {
    context.log.warn({ err: error, container: container.instance }, "the kernel refuses resources: they are put back");
    const former = before ?? LinuxContainerResources.fromPartial({});
    await keep(context, container, former);
    await context.reconciler.read(container.instance);
    await setOomScore(context, container, after, former);
    throw new FailedPreconditionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
