/** The relays of all sandboxes: one for each that somebody forwards ports to, started for the first and ended with the last. */

import type { Duplex } from "node:stream";
import { UnavailableError } from "@lxe/cri";
import { isReady, type SandboxRecord } from "../model/records.ts";
import type { Index } from "../store/index.ts";
import { Relay, type RelayContext } from "./relay.ts";

/** One user's part in a sandbox's relay. */
export interface RelayUse extends AsyncDisposable {
  /** Aborts when the sandbox has stopped. */
  readonly ended: AbortSignal;
  /** As `Relay.connect`. */
  connect(port: number, signal: AbortSignal): Promise<Duplex>;
}

export class PodRelays {
  readonly #context: RelayContext & { readonly index: Index };
  readonly #pods = new Map<string, PodRelay>();

  constructor(context: RelayContext & { readonly index: Index }) {
    this.#context = context;
  }

  use(sandbox: SandboxRecord): RelayUse {
    let pod = this.#pods.get(sandbox.instance);
    if (!pod) {
      pod = new PodRelay(this.#context, sandbox);
      this.#pods.set(sandbox.instance, pod);
    }
    pod.users++;
    return {
      ended: pod.ended,
      connect: (port, signal) => pod.connect(port, signal),
      [Symbol.asyncDispose]: async () => {
        pod.users--;
        if (pod.users === 0) await this.#end(sandbox.instance, pod);
      },
    };
  }

  /** Before a sandbox is stopped: nothing of ours is left in it then. */
  async end(instance: string): Promise<void> {
    const pod = this.#pods.get(instance);
    if (pod) await this.#end(instance, pod);
  }

  async #end(instance: string, pod: PodRelay): Promise<void> {
    if (this.#pods.get(instance) === pod) this.#pods.delete(instance);
    await pod.close();
  }
}

class PodRelay {
  users = 0;
  readonly #context: RelayContext;
  readonly #sandbox: SandboxRecord;
  readonly #ended = new AbortController();
  readonly #unwatch: () => void;
  #relay: Promise<Relay> | undefined;

  constructor(context: RelayContext & { readonly index: Index }, sandbox: SandboxRecord) {
    this.#context = context;
    this.#sandbox = sandbox;
    const { index } = context;
    this.#unwatch = index.onChange((id) => {
      if (id !== sandbox.id) return;
      const current = index.findSandbox(id);
      if (!current || !isReady(current)) this.#stop();
    });
    // it takes LXD some time, so it begins before somebody connects; who connects is told of a failure
    this.#started().catch(() => undefined);
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  async connect(port: number, signal: AbortSignal): Promise<Duplex> {
    const relay = await this.#started();
    return relay.connect(port, signal);
  }

  async close(): Promise<void> {
    this.#stop();
    const relay = await this.#relay?.catch(() => undefined);
    await relay?.[Symbol.asyncDispose]();
  }

  /** A relay that has gone is followed by another one. */
  #started(): Promise<Relay> {
    if (this.#ended.signal.aborted) return Promise.reject(this.#ended.signal.reason);
    this.#relay ??= this.#start();
    return this.#relay;
  }

  async #start(): Promise<Relay> {
    try {
      const relay = await Relay.start(this.#context, this.#sandbox.instance);
      relay.ended.addEventListener("abort", () => void this.#replace(relay), { once: true });
      return relay;
    } catch (error) {
      this.#relay = undefined;
      throw error;
    }
  }

  async #replace(relay: Relay): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#context.log.info({ sandbox: this.#sandbox.id }, "a pod's relay has ended by itself");
    this.#relay = undefined;
    await relay[Symbol.asyncDispose]();
  }

  #stop(): void {
    this.#unwatch();
    this.#ended.abort(new UnavailableError(`pod sandbox ${this.#sandbox.id} has stopped`));
  }
}
