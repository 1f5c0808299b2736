/**
 * LXD config keys ⇄ model. Owns the persisted form; a schema that is not ours is left alone, never guessed at.
 */

import { ContainerConfig, ContainerState, LinuxContainerResources, PodSandboxConfig, PodSandboxState } from "@lxe/cri";
import type { Instance } from "@lxe/lxd-client";
import type {
  ContainerFacts,
  ContainerRecord,
  Exit,
  InstanceRecord,
  Resized,
  SandboxRecord,
  UserNamespaceChoice,
} from "../model/records.ts";
import { KEYS, type LxdConfig, SCHEMA_VERSION } from "./config-keys.ts";

const STATUS_ERROR = 112;
const STATUS_STOPPED = 102;
const STATUS_RUNNING = 103;
/** LXD's own, of the last start or stop. */
const LAST_POWER = "volatile.last_state.power";
const NS_PER_MS = 1_000_000n;

/** What lxe writes when it creates the pause instance. */
export function sandboxKeys(
  record: Pick<SandboxRecord, "id" | "createdAt" | "config" | "runtimeHandler" | "addresses" | "userns">,
): LxdConfig {
  return {
    [KEYS.schema]: SCHEMA_VERSION,
    [KEYS.kind]: "sandbox",
    [KEYS.id]: record.id,
    [KEYS.createdAt]: String(record.createdAt),
    [KEYS.config]: JSON.stringify(PodSandboxConfig.toJSON(record.config)),
    [KEYS.runtimeHandler]: record.runtimeHandler,
    [KEYS.network]: JSON.stringify({ addresses: record.addresses }),
    [KEYS.userns]: JSON.stringify(record.userns),
  };
}

/** What lxe writes when it creates a container's instance. */
export function containerKeys(
  record: Pick<ContainerRecord, "id" | "sandboxId" | "createdAt" | "config" | "facts">,
): LxdConfig {
  return {
    [KEYS.schema]: SCHEMA_VERSION,
    [KEYS.kind]: "container",
    [KEYS.id]: record.id,
    [KEYS.sandbox]: record.sandboxId,
    [KEYS.createdAt]: String(record.createdAt),
    [KEYS.config]: JSON.stringify(ContainerConfig.toJSON(record.config)),
    [KEYS.facts]: JSON.stringify(record.facts),
  };
}

/**
 * With the container that it is of: the next container of its name has an instance of the same name, and a patch that was held up
 * must not end that one.
 */
export function exitKeys({ id }: Pick<ContainerRecord, "id">, exit: Exit): LxdConfig {
  return { [KEYS.exit]: JSON.stringify({ ...exit, finishedAt: String(exit.finishedAt), container: id }) };
}

/**
 * The config that the container was created with stays: a repeated CreateContainer is compared with it. `revision`: of each change its own, so that the
 * instance is never again as it was, and a condition on that does not hold again either.
 */
export function resourcesKeys(resources: LinuxContainerResources, revision: string): LxdConfig {
  return { [KEYS.resources]: JSON.stringify({ revision, resources: LinuxContainerResources.toJSON(resources) }) };
}

/**
 * The record of an instance, or undefined if it is none of ours. Throws when the keys are ours but cannot be read: an
 * operator edited them, and guessing could lose a pod.
 */
export function readInstance(instance: Instance, previous?: InstanceRecord): InstanceRecord | undefined {
  const { config } = instance;
  if (config[KEYS.schema] !== SCHEMA_VERSION) return undefined;
  const identity = {
    id: config[KEYS.id] ?? "",
    instance: instance.name,
    createdAt: BigInt(config[KEYS.createdAt] ?? "0"),
    uncertain: instance.status_code === STATUS_ERROR,
  };
  const started = startedAt(instance);
  if (config[KEYS.kind] === "sandbox") return readSandbox(instance, identity, started, previous);
  return readContainer(instance, identity, started, previous);
}

const EPOCH = "1970-01-01T00:00:00Z";

type Identity = Pick<SandboxRecord, "id" | "instance" | "createdAt" | "uncertain">;

function readSandbox(
  instance: Instance,
  identity: Identity,
  started: bigint,
  previous?: InstanceRecord,
): SandboxRecord {
  const { config } = instance;
  const known = previous?.kind === "sandbox" && previous.id === identity.id ? previous : undefined;
  return {
    ...identity,
    kind: "sandbox",
    config: known?.config ?? PodSandboxConfig.fromJSON(parse(config, KEYS.config)),
    runtimeHandler: config[KEYS.runtimeHandler] ?? "",
    addresses: known?.addresses ?? (parse(config, KEYS.network) as { addresses: string[] }).addresses,
    userns: known?.userns ?? (parse(config, KEYS.userns) as UserNamespaceChoice),
    starting: started === 0n && (instance.status_code === STATUS_STOPPED || identity.uncertain),
    state: sandboxState(instance, identity, known),
  };
}

function sandboxState(instance: Instance, identity: Identity, known?: SandboxRecord): PodSandboxState {
  if (identity.uncertain) {
    // what was known before it was started says nothing of it now
    if (known && !known.starting) return known.state;
    // an lxe before this one may have shown it as stopped: LXD has noted that it stopped it
    const wasStopped = instance.config[LAST_POWER] === "STOPPED";
    return wasStopped ? PodSandboxState.SANDBOX_NOTREADY : PodSandboxState.SANDBOX_READY;
  }
  return instance.status_code === STATUS_STOPPED ? PodSandboxState.SANDBOX_NOTREADY : PodSandboxState.SANDBOX_READY;
}

function readContainer(
  instance: Instance,
  identity: Identity,
  started: bigint,
  previous?: InstanceRecord,
): ContainerRecord {
  const { config } = instance;
  const known = previous?.kind === "container" && previous.id === identity.id ? previous : undefined;
  const exit = readExit(config) ?? known?.exit;
  const resized = readResized(config, known?.resized);
  return {
    ...identity,
    kind: "container",
    description: instance.description,
    sandboxId: config[KEYS.sandbox] ?? "",
    config: known?.config ?? ContainerConfig.fromJSON(parse(config, KEYS.config)),
    facts: known?.facts ?? (parse(config, KEYS.facts) as ContainerFacts),
    startedAt: started || (exit ? exit.finishedAt : 0n),
    state: containerState(instance, identity, started, exit, known),
    ...(resized && { resized }),
    ...(exit && { exit }),
  };
}

function containerState(
  instance: Instance,
  identity: Identity,
  started: bigint,
  exit?: Exit,
  known?: ContainerRecord,
): ContainerState {
  if (exit) return ContainerState.CONTAINER_EXITED;
  if (identity.uncertain) return uncertainState(started, known);
  if (instance.status_code !== STATUS_STOPPED) return ContainerState.CONTAINER_RUNNING;
  if (started === 0n) return ContainerState.CONTAINER_CREATED;
  // Stopped, but how it ended is not known yet: EXITED shows only together with the exit code.
  return ContainerState.CONTAINER_RUNNING;
}

/** The last one that is known, unless it was started since: then it runs, for all that is known. */
function uncertainState(started: bigint, known?: ContainerRecord): ContainerState {
  if (!known) return ContainerState.CONTAINER_UNKNOWN;
  const isStarted = known.state === ContainerState.CONTAINER_CREATED && started !== 0n;
  return isStarted ? ContainerState.CONTAINER_RUNNING : known.state;
}

/** LXD could not read it just now: a list then has little more of it than its name, and not whose it is. */
export function isUnread(instance: Instance): boolean {
  const { config }: Partial<Instance> = instance;
  return instance.status_code === STATUS_ERROR && config?.[KEYS.schema] === undefined;
}

/** LXD stopped it, and how it ended is not recorded. */
export function awaitsExit({ config, status_code: status }: Instance, record: InstanceRecord): boolean {
  const isOver = record.kind === "container" && status === STATUS_STOPPED && record.startedAt !== 0n;
  return isOver && readExit(config) === undefined;
}

export function runsIn({ status_code: status }: Instance): boolean {
  return status === STATUS_RUNNING;
}

/** `last_used_at` is when LXD last started the instance; the Go zero time and the epoch both mean never. */
function startedAt(instance: Instance): bigint {
  if (instance.last_used_at === EPOCH) return 0n;
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(
    instance.last_used_at,
  );
  if (!match) return 0n;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  return ms <= 0 ? 0n : BigInt(ms) * NS_PER_MS + BigInt((match[2] ?? "").padEnd(9, "0"));
}

/** The same object as long as nothing has changed. */
function readResized(config: LxdConfig, known: Resized | undefined): Resized | undefined {
  const text = config[KEYS.resources];
  if (text === undefined) return undefined;
  if (text === known?.text) return known;
  const { resources } = parse(config, KEYS.resources) as { resources: unknown };
  return { text, resources: LinuxContainerResources.fromJSON(resources) };
}

interface StoredExit {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly finishedAt: string;
  /** Not written by the first versions. */
  readonly container?: string;
}

/** Undefined also where it is another container's. */
function readExit(config: LxdConfig): Exit | undefined {
  if (config[KEYS.exit] === undefined) return undefined;
  const { container, finishedAt, ...exit } = parse(config, KEYS.exit) as StoredExit;
  if (container !== undefined && container !== config[KEYS.id]) return undefined;
  return { ...exit, finishedAt: BigInt(finishedAt) };
}

function parse(config: LxdConfig, key: string): unknown {
  try {
    return JSON.parse(config[key] ?? "");
  } catch (cause) {
    throw new Error(`config key ${key} does not hold JSON: was it edited?`, { cause });
  }
}
