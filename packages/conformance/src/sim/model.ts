/** What the kubelet knows of its pods, and what it has asked for: what lxe shows and does is judged by this. */
import { ContainerState, PodSandboxState } from "@lxe/cri";
import type { ContainerPlan, PodPlan } from "./plan.ts";

export interface KnownSandbox {
  readonly id: string;
  readonly attempt: number;
  state: PodSandboxState;
  /** RunPodSandbox answered, or a list showed it while nobody was making it. */
  settled: boolean;
  stopAsked: boolean;
  removeAsked: boolean;
  /** No list shows it any more. */
  gone: boolean;
}

export interface KnownContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly plan: ContainerPlan;
  readonly attempt: number;
  state: ContainerState;
  settled: boolean;
  /** StartContainer was called and has not come back. */
  starting: boolean;
  /** StartContainer answered, or it was seen running while nobody was starting it. */
  started: boolean;
  stopAsked: boolean;
  removeAsked: boolean;
  exit: { readonly code: number; readonly finishedAt: bigint } | undefined;
  /** Names that its log had before it was rotated. */
  readonly rotated: string[];
  gone: boolean;
}

export class Pod {
  readonly plan: PodPlan;
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
  /** Its worker waits for its turn. */
  idle = false;

  constructor(plan: PodPlan, bornMs: number) {
    this.plan = plan;
    this.bornMs = bornMs;
  }

  liveSandboxes(): KnownSandbox[] {
    return [...this.sandboxes.values()].filter(({ gone }) => !gone).toSorted((a, b) => b.attempt - a.attempt);
  }

  liveContainers(): KnownContainer[] {
    return [...this.containers.values()].filter(({ gone }) => !gone).toSorted((a, b) => b.attempt - a.attempt);
  }

  sandbox(id: string, attempt: number): KnownSandbox {
    const known = this.sandboxes.get(id) ?? {
      id,
      attempt,
      state: PodSandboxState.SANDBOX_READY,
      settled: false,
      stopAsked: false,
      removeAsked: false,
      gone: false,
    };
    this.sandboxes.set(id, known);
    return known;
  }

  container(id: string, sandboxId: string, plan: ContainerPlan, attempt: number): KnownContainer {
    const known = this.containers.get(id) ?? {
      id,
      sandboxId,
      plan,
      attempt,
      state: ContainerState.CONTAINER_CREATED,
      settled: false,
      starting: false,
      started: false,
      stopAsked: false,
      removeAsked: false,
      exit: undefined,
      rotated: [],
      gone: false,
    };
    this.containers.set(id, known);
    return known;
  }
}
