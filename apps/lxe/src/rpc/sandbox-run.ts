/** RunPodSandbox: the pause instance, which holds the pod's namespaces and its network. */

import {
  AlreadyExistsError,
  type CallContext,
  InvalidArgumentError,
  NamespaceMode,
  PodSandboxConfig,
  type RunPodSandboxRequest,
  type RunPodSandboxResponse,
  UnavailableError,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import { newId, sandboxInstanceName, sandboxKey } from "../model/names.ts";
import { type InstanceRecord, isReady } from "../model/records.ts";
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
  const key = sandboxKey(config.metadata);
  const instance = sandboxInstanceName(config.metadata, key);
  return context.podLock.run(instance, async () => {
    const existing = await whole(context, instance);
    if (existing?.kind === "sandbox") {
      // the answer to the first request was lost: the same request gets it again
      const same =
        isReady(existing) && existing.runtimeHandler === runtimeHandler && sameConfig(existing.config, config);
      if (same) return { podSandboxId: existing.id };
      throw new AlreadyExistsError(
        `pod sandbox ${config.metadata?.namespace}/${config.metadata?.name} of this uid and attempt exists: ${existing.id}`,
      );
    }
    context.orphans.checkFree(instance);
    const id = newId(key, context.random);
    await create(context, { id, instance, config, runtimeHandler }, call.signal);
    return { podSandboxId: id };
  });
}

/** What is there already; the rest of an earlier request that failed, and could not be rolled back then, is removed now. */
async function whole(context: Context, instance: string): Promise<InstanceRecord | undefined> {
  const { index } = context;
  const existing = index.byInstance(instance);
  if (existing?.kind !== "sandbox") return existing;
  if (!existing.starting && !index.isWithheld(instance)) return existing;
  if (existing.uncertain) throw new UnavailableError(`LXD cannot tell the state of ${instance}`);
  await context.orphans.removeUntold(instance);
  return index.byInstance(instance);
}

interface NewSandbox {
  readonly id: string;
  readonly instance: string;
  readonly config: PodSandboxConfig;
  readonly runtimeHandler: string;
}

async function create(context: Context, sandbox: NewSandbox, signal: AbortSignal): Promise<void> {
  const { lxd, clock, images, node } = context;
  const facts = node.facts();
  const { config, instance } = sandbox;
  const userns = chooseUserNamespace(
    config.linux?.securityContext,
    context.config.userns,
    facts.noSharedUserNamespace === undefined,
  );
  using claim = await claimNetwork(context, config, facts, signal);
  const image = await images.pauseImage(facts.architecture, signal);
  const record = { ...sandbox, userns, createdAt: clock.nowNs() };
  const request = sandboxInstance({
    record,
    network: claim.network,
    node: facts,
    seccomp: await seccompPolicy(context, config.linux?.securityContext),
    image,
    paths: context.paths.pod(instance),
  });
  let started = false;
  context.index.withhold(instance);
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
