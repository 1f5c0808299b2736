/**
 * What goes wrong, and when: storms with calm weather between them. Each storm picks a few kinds of fault and how bad they are. In calm
 * weather nothing new goes wrong, and everything has to come right.
 */
import type { Rule } from "@lxe/fake-lxd";
import type { Life } from "./life.ts";
import type { SimulatedNode } from "./node.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./time.ts";
import type { Trace } from "./trace.ts";

const INSTANCES = /^\/1\.0\/instances/;
const ANYTHING = /^\/1\.0/;
const OPERATIONS = /^\/1\.0\/operations/;
const HANG_MS = 600_000;

type Kind =
  | "errors"
  | "resets"
  | "lost answers"
  | "slow answers"
  | "hangs"
  | "lost events"
  | "late events"
  | "unreadable instances"
  | "silent events"
  | "kills of lxe"
  | "kills of LXD"
  | "full disk"
  | "refusing kernel";

export const KINDS: readonly Kind[] = [
  "errors",
  "resets",
  "lost answers",
  "slow answers",
  "hangs",
  "lost events",
  "late events",
  "unreadable instances",
  "silent events",
  "kills of lxe",
  "kills of LXD",
  "full disk",
  "refusing kernel",
];

/** How likely each use of a rule is, at most. */
const WORST = 0.15;

function rulesFor(kind: Kind, badness: number, random: Random): Rule[] {
  const probability = badness * WORST;
  switch (kind) {
    case "errors":
      return [
        {
          match: { path: random.pick([INSTANCES, ANYTHING]) },
          action: { kind: "error", status: random.pick([500, 503]) },
          probability,
        },
      ];
    case "resets":
      return [
        { match: { path: random.pick([INSTANCES, OPERATIONS, ANYTHING]) }, action: { kind: "reset" }, probability },
      ];
    case "lost answers":
      return [{ match: { path: random.pick([INSTANCES, ANYTHING]) }, action: { kind: "lose-answer" }, probability }];
    case "slow answers":
      return [
        { match: { path: ANYTHING }, action: { kind: "delay", ms: random.integer(1, 3000) }, probability: badness },
      ];
    case "hangs":
      return [{ match: { path: INSTANCES }, action: { kind: "delay", ms: HANG_MS }, probability: badness * 0.02 }];
    case "lost events":
      return [
        {
          match: { event: random.pick([/^lifecycle/, /^operation/, /./]) },
          action: { kind: "drop-event" },
          probability: badness,
        },
      ];
    case "late events":
      return [
        { match: { event: /./ }, action: { kind: "delay", ms: random.integer(1, 10_000) }, probability: badness },
      ];
    case "unreadable instances":
      return [{ match: { instance: /./ }, action: { kind: "instance-error" }, probability }];
    default:
      return [];
  }
}

export interface FaultsOptions {
  readonly node: SimulatedNode;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
  /** Of the kinds of fault; default all. */
  readonly kinds?: readonly Kind[];
}

export class Faults {
  readonly #options: FaultsOptions;
  /** Boundaries until lxe is killed at one. */
  #killAfter = Number.POSITIVE_INFINITY;
  #stormy = false;
  kills = 0;
  crashes = 0;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** For each boundary that lxe comes to. */
  onBoundary(life: Life, when: "before" | "after", what: string): void {
    this.#killAfter -= 1;
    if (this.#killAfter > 0 || !life.alive) return;
    this.#planKill();
    this.#kill(`${when} ${what}`);
  }

  #planKill(): void {
    const { random } = this.#options;
    // sometimes again at once: while it still recovers
    this.#killAfter = random.chance(0.3) ? random.integer(1, 60) : random.integer(60, 3000);
  }

  #kill(what: string): void {
    const { node, time, random } = this.#options;
    this.kills += 1;
    node.killLxe(what);
    const downMs = random.pick([0, 100, 1000, 20_000]);
    time.clock.setTimeout(() => {
      if (node.lxe === undefined) node.startLxe();
    }, downMs);
  }

  /** Faults for so long, then none. */
  async storm(durationMs: number): Promise<void> {
    const { random, trace, node, time, kinds = KINDS } = this.#options;
    const count = random.integer(1, 4);
    const chosen = [...new Set(Array.from({ length: count }, () => random.pick(kinds)))];
    trace.add(`storm: ${chosen.join(", ")}`);
    this.#stormy = true;
    for (const kind of chosen) {
      for (const rule of rulesFor(kind, random.float(), random)) node.lxd.rules.add(rule);
      if (kind === "kills of lxe") this.#planKill();
      if (kind === "kills of LXD") void this.#crashes();
      if (kind === "silent events") void this.#silences();
      if (kind === "full disk") void this.#fullDisk();
      if (kind === "refusing kernel") node.cgroups.refusing = true;
    }
    await time.sleep(durationMs);
    this.#stormy = false;
    this.#killAfter = Number.POSITIVE_INFINITY;
    node.lxd.rules.clear();
    node.disk.full = false;
    node.cgroups.refusing = false;
    trace.add("calm");
  }

  async #crashes(): Promise<void> {
    const { node, time, random, trace } = this.#options;
    while (this.#stormy) {
      await time.sleep(random.integer(100, 20_000));
      if (!this.#stormy) return;
      this.crashes += 1;
      trace.add("LXD is killed");
      node.lxd.crash();
      await time.sleep(random.pick([0, 200, 3_000, 40_000]));
      trace.add("LXD starts");
      await node.lxd.boot();
    }
  }

  async #silences(): Promise<void> {
    const { node, time, random, trace } = this.#options;
    while (this.#stormy) {
      await time.sleep(random.integer(1_000, 30_000));
      if (!this.#stormy) return;
      trace.add("the events connection goes silent");
      node.lxe?.wire.silenceEvents();
    }
  }

  async #fullDisk(): Promise<void> {
    const { node, time, random, trace } = this.#options;
    while (this.#stormy) {
      await time.sleep(random.integer(1_000, 10_000));
      if (!this.#stormy) return;
      node.disk.full = !node.disk.full;
      trace.add(node.disk.full ? "the disk is full" : "the disk has room");
    }
  }
}
