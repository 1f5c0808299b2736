/** Runs one sequence on both LXDs in lockstep, and tells where they differ. */
import { setTimeout as delay } from "node:timers/promises";
import { cleanLane } from "./clean.ts";
import { type Difference, differences } from "./difference.ts";
import { comparableEvents, endedIn, ranIn, shutdownOf, unmatched, withoutLate } from "./events.ts";
import type { Lane } from "./lane.ts";
import { Normaliser } from "./normalise.ts";
import { Performer } from "./perform.ts";
import type { Side } from "./side.ts";
import type { RequestStep, Step } from "./step.ts";
import type { Twins } from "./twins.ts";

export interface Failure {
  /** Number of the step, from 0; that of the steps' count: what is left behind them. */
  readonly at: number;
  readonly step: Step;
  readonly kind: "answers" | "events";
  readonly differences: readonly Difference[];
}

/** Events follow their cause at their own pace; one that only one side sends is waited for this long. */
const EVENTS_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 5;

const get = (path: string): RequestStep => ({ do: "request", method: "GET", path });

/** What must be the same in the end. */
const FINAL: readonly RequestStep[] = [
  get("/1.0/instances?recursion=2"),
  get("/1.0/profiles?recursion=1"),
  get("/1.0/images?recursion=1"),
  get("/1.0/images/aliases?recursion=1"),
  get("/1.0/networks/{net}"),
  get("/1.0/networks/{net}/leases"),
  get("/1.0/networks/{net}x"),
  get("/1.0/storage-pools/default/volumes?recursion=1"),
];

/** What LXD says when it could not write to its own database for ten seconds: the machine's doing, not the API's. */
const STALLED = "context deadline exceeded";
const ATTEMPTS_MAX = 3;

/** A list has no more than the name of an instance that LXD cannot read at the moment, as while it is being restarted: it is asked again. */
const UNREAD = '"status":"Error","status_code":112';
const READS_MAX = 10;
const READ_AGAIN_MS = 200;
/** What an operation says that failed. */
const FAILED = '"status":"Failure"';

/**
 * Faults of LXD 5.0.2 that are chance, as is what they leave behind: the sequence ends there.
 *
 * It deletes a nic's volatile keys when a live change takes it away, does not give them back when that change fails in
 * the end, and then its own stop hook fails over the missing keys: the next stop ends with the first, half a minute later.
 * The second is of a restart whose container ended, now and then, before LXC began to wait for that.
 */
const STUCK = ['Instance "stop" operation timed out after 30s', "shutting down the container failed"];

export interface Outcome {
  readonly failures: readonly Failure[];
  /** It ended early, by a fault of the real LXD that the fake one is not to copy. */
  readonly isCut: boolean;
}

/** `go`: as far as the first difference, or to the end whatever differs. */
async function runOnce(twins: Twins, lane: Lane, steps: readonly Step[], go: "first" | "end"): Promise<Outcome> {
  const [fakeSide, realSide] = twins.sides(lane);
  using fake = fakeSide;
  using real = realSide;
  await both(cleanLane(fake, twins.images(lane)), cleanLane(real, twins.images(lane)));
  const pair = new Pair(fake, real);
  const failures: Failure[] = [];
  for (const [at, step] of [...steps, ...FINAL].entries()) {
    const found = await pair.compare(Math.min(at, steps.length), step);
    if (found === "stuck") return { failures, isCut: true };
    failures.push(...found);
    if (failures.length > 0 && go === "first") break;
  }
  return { failures, isCut: false };
}

/** A sequence in which LXD stalled is run again. */
export async function runSequence(...run: Parameters<typeof runOnce>): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(...run);
    } catch (error) {
      if (!String(error).includes(STALLED) || attempt === ATTEMPTS_MAX) throw error;
      console.error("LXD did not reach its database in time: the sequence is run again");
    }
  }
}

/** Also when one has failed: the next sequence must not begin while the other is still at this one. */
async function both<T>(fake: Promise<T>, real: Promise<T>): Promise<[T, T]> {
  await Promise.allSettled([fake, real]);
  return [await fake, await real];
}

function isStart(step: Step): step is RequestStep {
  if (step.do !== "request" || !step.path.endsWith("/state")) return false;
  return /"action":"(?:re)?start"/.test(JSON.stringify(step.body ?? {}));
}

class Pair {
  readonly #fake: Side;
  readonly #real: Side;
  readonly #normalisers: readonly [fake: Normaliser, real: Normaliser];
  /** Operations of the real one whose end was seen in an earlier step. */
  readonly #ended = new Set<string>();
  /** Instances that have come to run in this sequence, by their paths. */
  readonly #ran = new Set<string>();
  /** Instances of which a start has failed, by their paths. */
  readonly #failed = new Set<string>();

  constructor(fake: Side, real: Side) {
    this.#fake = fake;
    this.#real = real;
    this.#normalisers = [new Normaliser(fake.own), new Normaliser(real.own)];
  }

  async compare(at: number, step: Step): Promise<Failure[] | "stuck"> {
    const [fake, real] = await both(
      new Performer(this.#fake, this.#normalisers[0]).perform(step),
      this.#performReal(step),
    );
    const said = real.map((answer) => JSON.stringify(answer)).join("\n");
    if (said.includes(STALLED)) throw new Error(`LXD: ${STALLED}`);
    if (STUCK.some((fault) => said.includes(JSON.stringify(fault).slice(1, -1)))) return "stuck";
    if (isStart(step) && JSON.stringify(fake).includes(FAILED)) this.#failed.add(step.path.slice(0, -"/state".length));
    const answers: Failure = { at, step, kind: "answers", differences: differences(fake, real) };
    const events: Failure = { at, step, kind: "events", differences: await this.#differentEvents() };
    return [answers, events].filter((failure) => failure.differences.length > 0);
  }

  async #performReal(step: Step): ReturnType<Performer["perform"]> {
    for (let attempt = 1; ; attempt += 1) {
      const answers = await new Performer(this.#real, this.#normalisers[1]).perform(step);
      const isRead = step.do === "request" && step.method === "GET";
      if (!isRead || attempt === READS_MAX || !JSON.stringify(answers).includes(UNREAD)) return answers;
      await delay(READ_AGAIN_MS);
    }
  }

  async #differentEvents(): Promise<Difference[]> {
    const until = performance.now() + EVENTS_WITHIN_MS;
    for (;;) {
      const only = unmatched(
        comparableEvents(this.#fake.events, this.#normalisers[0]),
        comparableEvents(withoutLate(this.#real.events, this.#ended), this.#normalisers[1]),
      );
      const isLate = performance.now() > until;
      if (isLate) only.real = await this.#withoutFormer(only.real);
      const same = only.fake.length + only.real.length === 0;
      if (same || isLate) {
        for (const path of ranIn(this.#fake.takeEvents())) this.#ran.add(path);
        for (const id of endedIn(this.#real.takeEvents())) this.#ended.add(id);
        return same ? [] : [{ at: "events", fake: only.fake, real: only.real }];
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  /**
   * Without the ends of instances of the sequence before: LXD tells that one has shut down by itself when its stop hook ends, which may
   * be when another one runs under its name, or one that never ran has it. Of a start that failed it tells the same where its stop hook
   * comes after the answer, now and then.
   */
  async #withoutFormer(items: readonly string[]): Promise<string[]> {
    const running = async (path: string): Promise<boolean> => {
      const instances = (await this.#real.get("/1.0/instances?recursion=1")) as Record<string, unknown>[];
      return instances.some(({ name, status }) => path === `/1.0/instances/${String(name)}` && status === "Running");
    };
    const ran = new Set([...this.#ran, ...ranIn(this.#fake.events)]);
    const kept: string[] = [];
    for (const item of items) {
      const path = shutdownOf(item);
      const mayHaveEnded = path !== undefined && ran.has(path) && !this.#failed.has(path);
      if (path === undefined || (mayHaveEnded && !(await running(path)))) kept.push(item);
    }
    return kept;
  }
}
