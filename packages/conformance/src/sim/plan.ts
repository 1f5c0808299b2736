/** What a simulated pod is made of, and what its containers do. Apps tell by their last line how they ended, so the truth is in their output. */
import {
  type ContainerConfig,
  ContainerConfig as ContainerMessage,
  LinuxContainerResources,
  NamespaceMode,
  PodSandboxConfig,
} from "@lxe/cri";
import { BUSYBOX } from "./node.ts";
import type { Random } from "./random.ts";

export const LOG_ROOT = "/var/log/pods";
export const UID_LABEL = "io.kubernetes.pod.uid";

/** `handles`: ends by itself when it gets SIGTERM. `ignores`: only SIGKILL ends it. */
export type OnTerm = "handles" | "ignores";

/** Zero: none; of a change: as it is. */
export interface Limits {
  readonly memory: bigint;
  readonly quota: bigint;
  readonly shares: bigint;
}

export const NO_LIMITS: Limits = { memory: 0n, quota: 0n, shares: 0n };

export interface ContainerPlan {
  readonly name: string;
  /** Undefined: it runs until it is stopped. */
  readonly exitCode: number | undefined;
  readonly lines: number;
  readonly gapMs: number;
  readonly onTerm: OnTerm;
  readonly graceS: number;
  readonly limits: Limits | undefined;
}

export interface PodPlan {
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly ContainerPlan[];
  /** Containers that end are started again. */
  readonly restarts: boolean;
  /** From the moment it is wanted; of brief ones, from the moment all its containers have run. */
  readonly lifetimeMs: number;
  readonly isBrief: boolean;
  readonly sharedPid: boolean;
}

const MIB = 1024n * 1024n;

export const EXIT_TERM = 9;

/** Brief ones come, run for a moment and go: lifecycles, and little between them. */
export type Lives = "usual" | "brief";

const BRIEF_MS_MAX = 3_000;

export function planPod(number: number, random: Random, lives: Lives = "usual"): PodPlan {
  const isBrief = lives === "brief";
  const count = random.chance(isBrief ? 0.95 : 0.7) ? 1 : random.integer(2, 3);
  return {
    name: `pod-${number}`,
    uid: `uid-${number}-${random.integer(0, 0xffff).toString(16)}`,
    containers: Array.from({ length: count }, (_, index) => planContainer(`c${index}`, random)),
    restarts: random.chance(isBrief ? 0.05 : 0.3),
    lifetimeMs: isBrief ? random.integer(0, BRIEF_MS_MAX) : usualLifetimeMs(random),
    isBrief,
    sharedPid: random.chance(0.2),
  };
}

/** Some live through many storms. */
function usualLifetimeMs(random: Random): number {
  return random.chance(0.2) ? random.integer(60_000, 900_000) : random.integer(2_000, 60_000);
}

function planContainer(name: string, random: Random): ContainerPlan {
  return {
    name,
    exitCode: random.chance(0.5) ? random.pick([0, 0, 1, 3, 42, 137, 255]) : undefined,
    lines: random.integer(0, 8),
    gapMs: random.pick([0, 0, 1, 50, 700, 3_000]),
    onTerm: random.chance(0.7) ? "handles" : "ignores",
    graceS: random.pick([0, 1, 2, 10, 30]),
    limits: random.chance(0.5) ? pickLimits(random) : undefined,
  };
}

export function pickLimits(random: Random): Limits {
  return {
    memory: random.pick([0n, 32n * MIB, 64n * MIB, 100n * MIB]),
    quota: random.pick([0n, -1n, 5_000n, 20_000n]),
    shares: random.pick([0n, 2n, 102n, 1024n]),
  };
}

export function resourcesFor({ memory, quota, shares }: Limits): LinuxContainerResources {
  return LinuxContainerResources.fromPartial({
    memoryLimitInBytes: memory,
    cpuQuota: quota,
    cpuPeriod: quota === 0n ? 0n : 100_000n,
    cpuShares: shares,
  });
}

/** The lines it prints; the last one of an app that ended by itself is `end <code>`. */
function scriptOf({ lines, gapMs, exitCode, onTerm }: ContainerPlan): string {
  const gap = gapMs > 0 ? `sleep ${gapMs / 1000};` : "";
  const work = Array.from({ length: lines }, (_, index) => {
    const where = index % 3 === 2 ? " >&2" : "";
    return `echo "line ${index}"${where}; ${gap}`;
  });
  const trap = onTerm === "handles" ? `trap 'echo "end ${EXIT_TERM}"; exit ${EXIT_TERM}' TERM;` : "";
  // a shell runs its traps between commands, and at once when it waits
  const end =
    exitCode === undefined
      ? onTerm === "handles"
        ? "while true; do sleep 1000 & wait; done"
        : "while true; do sleep 1000; done"
      : `echo "end ${exitCode}"; exit ${exitCode}`;
  return `${trap} echo "begin"; ${work.join(" ")} ${end}`;
}

export function podDirectory(plan: PodPlan): string {
  return `${LOG_ROOT}/${plan.name}_${plan.uid}`;
}

export function sandboxConfig(plan: PodPlan, attempt: number): PodSandboxConfig {
  return PodSandboxConfig.fromPartial({
    metadata: { name: plan.name, namespace: "simulation", uid: plan.uid, attempt },
    hostname: plan.name,
    logDirectory: podDirectory(plan),
    labels: { [UID_LABEL]: plan.uid },
    linux: {
      securityContext: {
        namespaceOptions: { pid: plan.sharedPid ? NamespaceMode.POD : NamespaceMode.CONTAINER },
      },
    },
  });
}

export function containerConfig(pod: PodPlan, plan: ContainerPlan, attempt: number): ContainerConfig {
  return ContainerMessage.fromPartial({
    metadata: { name: plan.name, attempt },
    image: { image: BUSYBOX },
    command: ["sh", "-c", scriptOf(plan)],
    labels: { [UID_LABEL]: pod.uid },
    logPath: `${plan.name}/${attempt}.log`,
    linux: {
      ...(plan.limits && { resources: resourcesFor(plan.limits) }),
      securityContext: { namespaceOptions: { pid: pod.sharedPid ? NamespaceMode.POD : NamespaceMode.CONTAINER } },
    },
  });
}

export function logPathOf(pod: PodPlan, plan: ContainerPlan, attempt: number): string {
  return `${podDirectory(pod)}/${plan.name}/${attempt}.log`;
}
