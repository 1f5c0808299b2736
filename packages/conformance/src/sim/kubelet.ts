/**
 * A kubelet as the runtime sees it: one relist a second, and one worker for each pod that brings what is there to what is wanted, one call
 * after the other, and tries again after each failure. What it decides, it decides by the last relist only.
 */
import { ContainerState } from "@lxe/cri";
import type { CriCalls } from "./cri-calls.ts";
import { checkExit, checkLog } from "./exits.ts";
import { type KnownContainer, Pod, Registry } from "./model.ts";
import type { SimulatedNode } from "./node.ts";
import { type Lives, planPod, podDirectory } from "./plan.ts";
import type { Random } from "./random.ts";
import { type ListContext, takeContainers, takeSandboxes } from "./relist.ts";
import { finishResizes } from "./resize.ts";
import { syncPod } from "./sync-pod.ts";
import type { VirtualTime } from "./time.ts";
import type { Trace } from "./trace.ts";
import { Violation } from "./violation.ts";

const RELIST_MS = 1000;
/** Pods that are gone and may come back. */
const PAST_KEPT = 1000;

export interface KubeletOptions {
  readonly node: SimulatedNode;
  readonly calls: CriCalls;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
  /** How long pods live. */
  readonly lives: Lives;
  /** By the id of a container or a sandbox. */
  readonly instanceOf: (id: string) => string | undefined;
  readonly onViolation: (violation: Violation) => void;
}

export class Kubelet {
  readonly options: KubeletOptions;
  readonly pods = new Map<string, Pod>();
  readonly registry = new Registry();
  /** Workers begin nothing new. */
  paused = false;
  /** A relist that began after the moment it is asked for. */
  relists = 0;
  finished = 0;
  /** Of these, such that came to run a container: not all do, while nothing works. */
  ran = 0;
  #created = 0;
  readonly #past = new Map<string, Pod>();
  #stopped = false;

  constructor(options: KubeletOptions) {
    this.options = options;
  }

  start(): void {
    void this.#relistForever();
  }

  stop(): void {
    this.#stopped = true;
  }

  addPod(): Pod {
    this.#created += 1;
    const { random, time, node, trace, lives } = this.options;
    const plan = planPod(this.#created, random, lives);
    const pod = new Pod(plan, this.registry, time.elapsedMs);
    this.pods.set(plan.uid, pod);
    node.disk.withRoom(() => node.disk.makeDirectories(podDirectory(plan), 0o755));
    trace.add(`pod ${plan.name} is wanted`);
    void this.#work(pod);
    return pod;
  }

  /** Runs one part of the kubelet; a violation in it ends the simulation. */
  async #guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.options.onViolation(
        error instanceof Violation
          ? error
          : new Violation(error instanceof Error ? (error.stack ?? "") : String(error)),
      );
    }
  }

  async #relistForever(): Promise<void> {
    const { time } = this.options;
    while (!this.#stopped) {
      await this.#guarded(() => this.relist());
      await time.sleep(RELIST_MS);
    }
  }

  async relist(): Promise<void> {
    const { calls } = this.options;
    const podByUid = (uid: string): Pod | undefined => this.pods.get(uid) ?? this.#orphan(uid);
    const context: ListContext = { podByUid, pods: () => this.pods.values() };
    try {
      this.registry.lists += 1;
      const { items } = await calls.call("listPodSandbox", { filter: undefined });
      takeSandboxes(items, context);
      this.registry.lists += 1;
      const { containers } = await calls.call("listContainers", { filter: undefined });
      takeContainers(containers, context);
    } catch (error) {
      if (error instanceof Violation) throw error;
      return; // lxe is not there; the next one will tell
    }
    this.relists += 1;
    for (const pod of this.pods.values()) {
      for (const container of pod.liveContainers()) {
        if (container.state === ContainerState.CONTAINER_EXITED && container.exit === undefined)
          await this.#lookAtExit(pod, container);
      }
    }
  }

  async #lookAtExit(pod: Pod, container: KnownContainer): Promise<void> {
    const { calls, node, instanceOf } = this.options;
    try {
      const { status } = await calls.call(
        "containerStatus",
        { containerId: container.id, verbose: false },
        pod.plan.name,
      );
      if (status === undefined) throw new Violation(`ContainerStatus of ${container.id} is empty`);
      const output = node.ledger.of(instanceOf(container.id) ?? "");
      checkExit(container, status, output);
      if (status.reason !== "StartError") checkLog(node.disk, pod, container, output, true);
    } catch (error) {
      if (error instanceof Violation) throw error;
    }
  }

  async #work(pod: Pod): Promise<void> {
    const { time, random } = this.options;
    await this.#guarded(async () => {
      while (!pod.done && !this.#stopped) {
        if (this.paused) await finishResizes(this.options, pod);
        else {
          if (pod.hasLived(time.elapsedMs)) pod.deleting = true;
          pod.idle = false;
          await syncPod(this.options, pod);
          pod.idle = true;
        }
        if (!pod.done) await time.sleep(random.integer(300, 1500));
      }
      this.#forget(pod);
    });
  }

  /** A call that nobody waited for any more has made something for a pod that is gone: as a kubelet does, it is cleaned up. */
  #orphan(uid: string): Pod | undefined {
    const pod = this.#past.get(uid);
    if (pod === undefined) return undefined;
    this.options.trace.add(`pod ${pod.plan.name} is back: it will be deleted again`);
    this.#past.delete(uid);
    this.pods.set(uid, pod);
    this.registry.add(pod);
    pod.done = false;
    pod.deleting = true;
    void this.#work(pod);
    return pod;
  }

  #forget(pod: Pod): void {
    const { node, trace, instanceOf } = this.options;
    trace.add(`pod ${pod.plan.name} is gone`);
    for (const { id } of pod.containers.values()) node.ledger.forget(instanceOf(id) ?? "");
    node.disk.remove(podDirectory(pod.plan));
    this.pods.delete(pod.plan.uid);
    this.registry.forget(pod);
    this.#past.set(pod.plan.uid, pod);
    const [oldest] = this.#past.keys();
    if (this.#past.size > PAST_KEPT && oldest !== undefined) this.#past.delete(oldest);
    this.finished += 1;
    // one that came back counts once
    if (!pod.counted && [...pod.containers.values()].some(({ started }) => started)) this.ran += 1;
    pod.counted = true;
  }
}
