/**
 * Keeps the rules and answers "which of them apply to this?". It does nothing itself: the fabric and the kernel ask and act.
 */
import type { Random } from "../platform/types.ts";
import type { Rule, RuleAction, RuleMatch, Rules } from "./types.ts";

/** What is being asked about; exactly one of request, event, instance, store. */
export type Subject =
  | { request: { method: string; path: string } }
  | { event: string }
  | { instance: string }
  | { store: string };

interface Installed {
  rule: Rule;
  left: number;
}

function hits(match: RuleMatch, subject: Subject): boolean {
  if ("request" in subject) {
    if (match.event ?? match.instance ?? match.store) return false;
    if (match.method !== undefined && match.method !== subject.request.method) return false;
    return match.path === undefined || match.path.test(subject.request.path);
  }
  if ("event" in subject) return match.event?.test(subject.event) ?? false;
  if ("instance" in subject) return match.instance?.test(subject.instance) ?? false;
  return match.store?.test(subject.store) ?? false;
}

/** Actions that a subject can suffer; a rule of another kind neither applies nor is used up. */
const kinds: Record<"request" | "event" | "instance" | "store", ReadonlySet<RuleAction["kind"]>> = {
  request: new Set(["delay", "error", "reset", "lose-answer", "break-websocket", "crash"]),
  event: new Set(["delay", "drop-event"]),
  instance: new Set(["instance-error"]),
  store: new Set(["disk-full"]),
};

function kindsFor(subject: Subject): ReadonlySet<RuleAction["kind"]> {
  if ("request" in subject) return kinds.request;
  if ("event" in subject) return kinds.event;
  return "instance" in subject ? kinds.instance : kinds.store;
}

const NONE: readonly RuleAction[] = [];

export class RuleBook implements Rules {
  readonly #random: Random;
  #installed: Installed[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  add(rule: Rule): Disposable {
    const installed: Installed = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
    this.#installed.push(installed);
    return { [Symbol.dispose]: () => this.#remove(installed) };
  }

  get isEmpty(): boolean {
    return this.#installed.length === 0;
  }

  clear(): void {
    this.#installed = [];
  }

  /** The actions that apply now; each counts as one use of its rule. */
  take(subject: Subject): readonly RuleAction[] {
    if (this.isEmpty) return NONE;
    const possible = kindsFor(subject);
    let actions: RuleAction[] | undefined;
    // what is removed meanwhile is so from a new list
    for (const installed of this.#installed) {
      const { rule } = installed;
      if (!possible.has(rule.action.kind) || !hits(rule.match, subject)) continue;
      if (rule.probability !== undefined && this.#random.next() >= rule.probability) continue;
      installed.left -= 1;
      if (installed.left <= 0) this.#remove(installed);
      (actions ??= []).push(rule.action);
    }
    return actions ?? NONE;
  }

  #remove(installed: Installed): void {
    this.#installed = this.#installed.filter((other) => other !== installed);
  }
}
