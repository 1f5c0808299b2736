/** RunPodSandbox: the pause instance, which holds the pod's namespaces and its network. */

import {
  AlreadyExistsError,
  type CallContext,
  InvalidArgumentError,
  NamespaceMode,
  PodSandboxConfig,
  type PodSandboxMetadata,
  type RunPodSandboxRequest,
  type RunPodSandboxResponse,
  UnavailableError,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import { isSameSandbox, newSandbox, sandboxKey } from "../model/names.ts";
import { isReady, type SandboxRecord } from "../model/records.ts";
import type { NetworkClaim } from "../network/types.ts";
import type { NodeFacts } from "../node.ts";
import { untilReady } from "../reconcile/until-ready.ts";
import { removePodFiles, writePodFiles } from "../pod-files.ts";
import { seccompPolicy } from "../seccomp-policy.ts";
import { startInstance } from "../start-instance.ts";
import { checkRuntimeHandler } from "../translate/handlers.ts";
import { chooseUserNamespace } from "../translate/namespaces.ts";
import { checkSandboxConfig, sandboxInstance } from "../translate/sandbox-instance.ts";

export async function runPodSandbox(
  context: Context,
  { config, runtimeHandler }: RunPodSandboxRequest,
  call: CallContext,
): Promise<RunPodSandboxResponse> {
  if (!config?.metadata) throw new InvalidArgumentError("config.metadata is missing");
  checkSandboxConfig(config);
  checkRuntimeHandler(runtimeHandler);
  const { metadata } = config;
  const key = sandboxKey(metadata);
  return context.podLock.run(key, async () => {
    const existing = await whole(context, key, metadata);
    if (existing) {
      // the answer to the first request was lost: the same request gets it again
      const same =
        isReady(existing) && existing.runtimeHandler === runtimeHandler && sameConfig(existing.config, config);
      if (same) return { podSandboxId: existing.id };
      throw new AlreadyExistsError(
        `pod sandbox ${metadata.namespace}/${metadata.name} of this uid and attempt exists: ${existing.id}`,
      );
    }
    const isTaken = (name: string): boolean => context.index.byInstance(name) !== undefined;
    const { id, instance } = newSandbox(metadata, context.random, isTaken);
    const sandbox = { id, key, instance, config, runtimeHandler };
    await context.podLock.run(instance, () => create(context, sandbox, call.signal));
    return { podSandboxId: id };
  });
}

/** What is there already; what earlier requests that failed have left, and could not be rolled back then, is removed first. */
async function whole(context: Context, key: string, metadata: PodSandboxMetadata): Promise<SandboxRecord | undefined> {
  const { index } = context;
  const untold = new Set(index.withheldOf(key));
  for (const record of index.instances()) {
    const isUnstarted = record.kind === "sandbox" && record.starting;
    if (isUnstarted && isSameSandbox(metadata, record.config.metadata)) untold.add(record.instance);
  }
  for (const instance of untold) await removeRest(context, instance);
  for (const sandbox of index.sandboxes()) if (isSameSandbox(metadata, sandbox.config.metadata)) return sandbox;
  return undefined;
}

function removeRest({ index, orphans, podLock }: Context, instance: string): Promise<void> {
  return podLock.run(instance, async () => {
    if (index.byInstance(instance)?.uncertain) throw new UnavailableError(`LXD cannot tell the state of ${instance}`);
    await orphans.removeUntold(instance);
  });
}

interface NewSandbox {
  readonly id: string;
  /** Its name key. */
  readonly key: string;
  readonly instance: string;
  readonly config: PodSandboxConfig;
  readonly runtimeHandler: string;
}

async function create(context: Context, sandbox: NewSandbox, signal: AbortSignal): Promise<void> {
  const { lxd, clock, images, node } = context;
  const facts = node.facts();
  const { key, ...identity } = sandbox;
  const { config, instance } = identity;
  const userns = chooseUserNamespace(
    config.linux?.securityContext,
    context.config.userns,
    facts.noSharedUserNamespace === undefined,
  );
  using claim = await claimNetwork(context, config, facts, signal);
  const image = await images.pauseImage(facts.architecture, signal);
  const record = { ...identity, userns, createdAt: clock.nowNs() };
  const request = sandboxInstance({
    record,
    network: claim.network,
    node: facts,
    seccomp: await seccompPolicy(context, config.linux?.securityContext),
    image,
    paths: context.paths.pod(instance),
  });
  let started = false;
  context.index.withhold(instance, key);
  try {
    await writePodFiles(context, { instance, config, addresses: claim.network.addresses, hostname: facts.hostname });
    await lxd.instances.create(request, { signal });
    await startInstance(context, { instance, cgroupParent: config.linux?.cgroupParent ?? "" }, signal);
    await untilReady(context, instance, signal);
    started = true;
    context.index.release(instance);
  } finally {
    if (!started) await rollBack(context, instance);
  }
}

async function claimNetwork(
  context: Context,
  config: PodSandboxConfig,
  facts: NodeFacts,
  signal: AbortSignal,
): Promise<NetworkClaim> {
  const onHostNetwork = config.linux?.securityContext?.namespaceOptions?.network === NamespaceMode.NODE;
  if (!onHostNetwork) return context.network.claim(config, facts, signal);
  return { network: { addresses: [], devices: {}, raw: [] }, [Symbol.dispose]: () => {} };
}

/** Leaves nothing behind; an instance that cannot be removed now stays withheld, and is removed later. */
async function rollBack(context: Context, instance: string): Promise<void> {
  const { log, index } = context;
  try {
    await context.orphans.removeUntold(instance);
    await removePodFiles(context, instance);
    index.release(instance);
  } catch (error) {
    log.warn({ err: error, instance }, "a sandbox that could not be started is not removed yet");
    context.orphans.check(instance, instance);
  }
}

function sameConfig(a: PodSandboxConfig, b: PodSandboxConfig): boolean {
  return Buffer.from(PodSandboxConfig.encode(a).finish()).equals(PodSandboxConfig.encode(b).finish());
}
