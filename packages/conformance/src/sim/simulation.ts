/** One simulation from one seed: the node, the kubelet, the weather, and the moments at which everything is compared. */
import { CriCalls } from "./cri-calls.ts";
import { Faults } from "./faults.ts";
import { Kubelet } from "./kubelet.ts";
import type { Known } from "./model.ts";
import { Monitor } from "./monitor.ts";
import { SimulatedNode } from "./node.ts";
import type { Lives } from "./plan.ts";
import { Random } from "./random.ts";
import { unsettled } from "./settled.ts";
import { VirtualTime } from "./time.ts";
import { Trace } from "./trace.ts";
import { Violation } from "./violation.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Ends after so many pods' lifecycles. */
  readonly steps?: number | undefined;
  /** Ends after so many simulated minutes. */
  readonly minutes?: number | undefined;
  readonly faults: boolean;
  /** Pods at a time, at most. Default: chosen by the seed. */
  readonly pods?: number | undefined;
  /** How long pods live. Default: as usual. */
  readonly lives?: Lives | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface SimulationResult {
  readonly violation: Violation | undefined;
  readonly pods: number;
  /** Of the pods, those that came to run a container. */
  readonly ran: number;
  readonly minutes: number;
  readonly digest: string;
  readonly traceLines: number;
  readonly recent: readonly string[];
  readonly kills: number;
  readonly crashes: number;
  readonly requests: number;
  readonly calls: ReadonlyMap<string, number>;
}

const MINUTE_MS = 60_000;
/** Longest that things may take to come right: a call that hangs is given up after three minutes, and then comes its rollback. */
const SETTLE_MS_MAX = 20 * MINUTE_MS;

class Simulation {
  readonly #options: SimulationOptions;
  readonly #time = new VirtualTime();
  readonly #trace: Trace;
  readonly #random: Random;
  readonly #node: SimulatedNode;
  readonly #monitor: Monitor;
  readonly #calls: CriCalls;
  readonly #kubelet: Kubelet;
  readonly #faults: Faults;
  readonly #violated = Promise.withResolvers<never>();
  readonly #podsMax: number;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const time = this.#time;
    const trace = new Trace(() => time.elapsedMs, options.onLine);
    this.#trace = trace;
    const random = new Random(options.seed);
    this.#random = random.fork();
    this.#podsMax = options.pods ?? random.pick([3, 10, 30, 100]);
    const onViolation = (violation: Violation): void => this.#violated.reject(violation);
    this.#violated.promise.catch(() => undefined);
    const knownOf = (id: string): Known | undefined => this.#kubelet.registry.known.get(id);
    this.#monitor = new Monitor({ trace, knownOf, onViolation });
    const observer = this.#monitor;
    const onBoundary = options.faults ? this.#onBoundary : (): void => undefined;
    this.#node = new SimulatedNode({ time, random: random.fork(), trace, observer, onBoundary });
    const node = this.#node;
    this.#faults = new Faults({ node, time, random: random.fork(), trace });
    this.#calls = new CriCalls({ node, time, trace, onViolation });
    const instanceOf = (id: string): string | undefined => this.#monitor.instanceOf(id);
    this.#kubelet = new Kubelet({
      node,
      calls: this.#calls,
      time,
      random: random.fork(),
      trace,
      lives: options.lives ?? "usual",
      instanceOf,
      onViolation,
    });
  }

  readonly #onBoundary = (...boundary: Parameters<Faults["onBoundary"]>): void => this.#faults.onBoundary(...boundary);

  async run(): Promise<SimulationResult> {
    let violation: Violation | undefined;
    try {
      await this.#time.drive(Promise.race([this.#live(), this.#violated.promise]));
    } catch (error) {
      violation =
        error instanceof Violation
          ? error
          : new Violation(error instanceof Error ? (error.stack ?? "") : String(error));
    }
    this.#kubelet.stop();
    this.#node.killLxe("the simulation ends");
    return {
      violation,
      pods: this.#kubelet.finished,
      ran: this.#kubelet.ran,
      minutes: this.#time.elapsedMs / MINUTE_MS,
      digest: this.#trace.digest(),
      traceLines: this.#trace.lines,
      recent: this.#trace.recent(),
      kills: this.#faults.kills,
      crashes: this.#faults.crashes,
      requests: this.#monitor.requests,
      calls: this.#calls.counts,
    };
  }

  async #live(): Promise<void> {
    await this.#node.prepare();
    this.#node.startLxe();
    this.#kubelet.start();
    void this.#supply();
    while (!this.#isOver()) {
      if (this.#options.faults) await this.#faults.storm(this.#random.integer(5_000, 120_000));
      else await this.#time.sleep(10_000);
      await this.#settle();
    }
    await this.#end();
  }

  #isOver(): boolean {
    const { steps = Number.POSITIVE_INFINITY, minutes = Number.POSITIVE_INFINITY } = this.#options;
    return this.#kubelet.finished >= steps || this.#time.elapsedMs >= minutes * MINUTE_MS;
  }

  /** New pods for those that are gone. */
  async #supply(): Promise<void> {
    while (!this.#isOver()) {
      if (!this.#kubelet.paused && this.#kubelet.pods.size < this.#podsMax) this.#kubelet.addPod();
      await this.#time.sleep(this.#random.integer(0, Math.ceil(10_000 / this.#podsMax)));
    }
  }

  /** The kubelet holds still until all is as it should be. */
  async #settle(): Promise<void> {
    this.#kubelet.paused = true;
    await this.#until("calm weather", () => this.#unsettled());
    this.#kubelet.paused = false;
    this.#trace.add("all is settled");
  }

  async #end(): Promise<void> {
    for (const pod of this.#kubelet.pods.values()) pod.deleting = true;
    await this.#until("the end of all pods", async () => {
      for (const pod of this.#kubelet.pods.values()) pod.deleting = true;
      return this.#kubelet.pods.size === 0 ? undefined : `${this.#kubelet.pods.size} pods are left`;
    });
    await this.#settle();
    const left = [...this.#node.disk.below("/var/log/pods")];
    if (left.length > 0) throw new Violation(`logs of pods that are gone: ${left.join(" ")}`);
  }

  #unsettled(): Promise<string | undefined> {
    const instanceOf = (id: string): string | undefined => this.#monitor.instanceOf(id);
    return unsettled({ node: this.#node, calls: this.#calls, kubelet: this.#kubelet, lxd: this.#lxd, instanceOf });
  }

  #ownLxd: ReturnType<SimulatedNode["ownClient"]> | undefined;
  get #lxd(): ReturnType<SimulatedNode["ownClient"]> {
    this.#ownLxd ??= this.#node.ownClient();
    return this.#ownLxd;
  }

  async #until(what: string, problem: () => Promise<string | undefined>): Promise<void> {
    const endsMs = this.#time.elapsedMs + SETTLE_MS_MAX;
    for (;;) {
      const reason = await problem();
      if (reason === undefined) return;
      if (this.#time.elapsedMs > endsMs) throw new Violation(`${what} does not come right: ${reason}`);
      await this.#time.sleep(500);
    }
  }
}

export function simulate(options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(options).run();
}
