/** What the kubelet knows of its pods, and what it has asked for: what lxe shows and does is judged by this. */
import { ContainerState, PodSandboxState } from "@lxe/cri";
import { type ContainerPlan, type Limits, NO_LIMITS, type PodPlan } from "./plan.ts";

export interface KnownSandbox {
  readonly id: string;
  readonly pod: Pod;
  readonly attempt: number;
  state: PodSandboxState;
  /** RunPodSandbox answered, or a list showed it while nobody was making it: how many lists had been asked for by then. */
  settledAt: number | undefined;
  stopAsked: boolean;
  removeAsked: boolean;
  /** No list shows it any more. */
  gone: boolean;
}

export interface KnownContainer {
  readonly id: string;
  readonly pod: Pod;
  readonly sandboxId: string;
  readonly plan: ContainerPlan;
  readonly attempt: number;
  state: ContainerState;
  settledAt: number | undefined;
  /** StartContainer was called and has not come back. */
  starting: boolean;
  /** StartContainer answered. */
  answered: boolean;
  /** It did, or the container was seen running while nobody was starting it. */
  started: boolean;
  stopAsked: boolean;
  removeAsked: boolean;
  exit: { readonly code: number; readonly finishedAt: bigint } | undefined;
  /** What it has: as it was created, or as it was resized to. */
  limits: Limits;
  /** What it is to be resized to, until that is answered with OK; a zero leaves as it is. */
  asked: Limits | undefined;
  /** The status showed that when it was last looked at. */
  isShown: boolean;
  isResized: boolean;
  /** Names that its log had before it was rotated. */
  readonly rotated: string[];
  gone: boolean;
}

export type Known = KnownSandbox | KnownContainer;

/** Everything that the kubelet knows of pods that it has, by id. */
export class Registry {
  readonly known = new Map<string, Known>();
  /** Lists that were asked for. */
  lists = 0;

  /** From now on it is there for good. */
  settle(known: Known): void {
    known.settledAt ??= this.lists;
  }

  /** Whether the last list has to show it. */
  isListed(known: Known): boolean {
    return known.settledAt !== undefined && known.settledAt < this.lists;
  }

  add(pod: Pod): void {
    for (const known of [...pod.sandboxes.values(), ...pod.containers.values()]) this.known.set(known.id, known);
  }

  forget(pod: Pod): void {
    for (const { id } of [...pod.sandboxes.values(), ...pod.containers.values()]) this.known.delete(id);
  }
}

/** Latest attempt first. */
function live<K extends Known>(all: ReadonlyMap<string, K>): K[] {
  const found: K[] = [];
  for (const known of all.values()) if (!known.gone) found.push(known);
  return found.length > 1 ? found.toSorted((a, b) => b.attempt - a.attempt) : found;
}

export class Pod {
  readonly plan: PodPlan;
  readonly registry: Registry;
  readonly bornMs: number;
  readonly sandboxes = new Map<string, KnownSandbox>();
  readonly containers = new Map<string, KnownContainer>();
  /** RunPodSandbox is under way. */
  running = false;
  /** Names of containers that are being created. */
  readonly creating = new Set<string>();
  /** When a container of that name was last started. */
  readonly startedMs = new Map<string, number>();
  deleting = false;
  done = false;
  /** It was gone before. */
  counted = false;
  /** Its worker waits for its turn. */
  idle = false;
  /** When all of its containers had run. */
  #ranMs: number | undefined;

  constructor(plan: PodPlan, registry: Registry, bornMs: number) {
    this.plan = plan;
    this.registry = registry;
    this.bornMs = bornMs;
  }

  /** For as long as its plan says. */
  hasLived(nowMs: number): boolean {
    const { plan, bornMs } = this;
    if (!plan.isBrief) return nowMs - bornMs > plan.lifetimeMs;
    if (plan.containers.every(({ name }) => this.#hasRun(name))) this.#ranMs ??= nowMs;
    return this.#ranMs !== undefined && nowMs - this.#ranMs >= plan.lifetimeMs;
  }

  #hasRun(name: string): boolean {
    for (const { plan, started } of this.containers.values()) if (started && plan.name === name) return true;
    return false;
  }

  liveSandboxes(): KnownSandbox[] {
    return live(this.sandboxes);
  }

  liveContainers(): KnownContainer[] {
    return live(this.containers);
  }

  sandbox(id: string, attempt: number): KnownSandbox {
    const before = this.sandboxes.get(id);
    if (before !== undefined) return before;
    const known: KnownSandbox = {
      id,
      pod: this,
      attempt,
      state: PodSandboxState.SANDBOX_READY,
      settledAt: undefined,
      stopAsked: false,
      removeAsked: false,
      gone: false,
    };
    this.sandboxes.set(id, known);
    this.registry.known.set(id, known);
    return known;
  }

  container(id: string, sandboxId: string, plan: ContainerPlan, attempt: number): KnownContainer {
    const before = this.containers.get(id);
    if (before !== undefined) return before;
    // a list may show one for the first time while its sandbox goes
    const sandbox = this.sandboxes.get(sandboxId);
    const known: KnownContainer = {
      id,
      pod: this,
      sandboxId,
      plan,
      attempt,
      state: ContainerState.CONTAINER_CREATED,
      settledAt: undefined,
      starting: false,
      answered: false,
      started: false,
      stopAsked: sandbox?.stopAsked ?? false,
      removeAsked: sandbox?.removeAsked ?? false,
      exit: undefined,
      limits: plan.limits ?? NO_LIMITS,
      asked: undefined,
      isShown: false,
      isResized: false,
      rotated: [],
      gone: false,
    };
    this.containers.set(id, known);
    this.registry.known.set(id, known);
    return known;
  }
}
