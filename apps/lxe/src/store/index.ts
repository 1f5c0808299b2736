/**
 * The in-memory index that every read answers from. Filled by the reconcile loop and by the RPCs that change something;
 * LXD stays the truth. Owns looking up (ids may be truncated) and waiting for changes; knows nothing of LXD.
 */

import { ContainerState, InvalidArgumentError, NotFoundError } from "@lxe/cri";
import { type ContainerRecord, type InstanceRecord, isRunning, type SandboxRecord } from "../model/records.ts";

type Listener = (id: string) => void;

export class Index {
  readonly #sandboxes = new Map<string, SandboxRecord>();
  readonly #containers = new Map<string, ContainerRecord>();
  readonly #byInstance = new Map<string, InstanceRecord>();
  readonly #bySandbox = new Map<string, Set<string>>();
  readonly #listeners = new Set<Listener>();
  /** Instances that nobody was told of, each with the key that it was asked for by. */
  readonly #withheld = new Map<string, string>();
  /** Containers whose start is being undone. */
  readonly #undoing = new Set<string>();

  put(read: InstanceRecord): void {
    const isUndone = read.kind === "container" && isRunning(read) && this.#undoing.has(read.id);
    const record = isUndone ? { ...read, state: ContainerState.CONTAINER_CREATED } : read;
    // made anew under the same name while nobody looked
    if (this.#byInstance.get(record.instance)?.id !== record.id) this.removeInstance(record.instance);
    if (record.kind === "sandbox") this.#sandboxes.set(record.id, record);
    else {
      this.#containers.set(record.id, record);
      const siblings = this.#bySandbox.get(record.sandboxId) ?? new Set();
      this.#bySandbox.set(record.sandboxId, siblings.add(record.id));
    }
    this.#byInstance.set(record.instance, record);
    this.#changed(record.id);
  }

  /** Forgets the instance of that name, if it is known. */
  removeInstance(instance: string): void {
    const record = this.#byInstance.get(instance);
    if (!record) return;
    this.#byInstance.delete(instance);
    if (record.kind === "sandbox") this.#sandboxes.delete(record.id);
    else {
      this.#containers.delete(record.id);
      const siblings = this.#bySandbox.get(record.sandboxId);
      siblings?.delete(record.id);
      if (siblings?.size === 0) this.#bySandbox.delete(record.sandboxId);
    }
    this.#changed(record.id);
  }

  byInstance(instance: string): InstanceRecord | undefined {
    return this.#byInstance.get(instance);
  }

  instances(): Iterable<InstanceRecord> {
    return this.#byInstance.values();
  }

  /** Those that lists show: a sandbox that is still being made is not there yet. */
  *sandboxes(): Iterable<SandboxRecord> {
    for (const sandbox of this.#sandboxes.values())
      if (!sandbox.starting && !this.#withheld.has(sandbox.instance)) yield sandbox;
  }

  /**
   * From now on no list shows that instance: a RunPodSandbox or a CreateContainer makes it, or has failed and not yet removed it. Who
   * saw it would use it, and lose it. `key`: who asks for the same again finds by it what is left of the first request.
   */
  withhold(instance: string, key: string): void {
    this.#withheld.set(instance, key);
  }

  /** It is whole, or gone. */
  release(instance: string): void {
    this.#withheld.delete(instance);
  }

  /** Until that is disposed of, the container does not come to show as running: who has seen that must not see it end. */
  undoStart(id: string): Disposable {
    this.#undoing.add(id);
    return { [Symbol.dispose]: () => this.#undoing.delete(id) };
  }

  isWithheld(instance: string): boolean {
    return this.#withheld.has(instance);
  }

  withheldOf(key: string): string[] {
    return [...this.#withheld].flatMap(([instance, its]) => (its === key ? [instance] : []));
  }

  *containers(): Iterable<ContainerRecord> {
    for (const container of this.#containers.values()) if (!this.#withheld.has(container.instance)) yield container;
  }

  containersOf(sandboxId: string): ContainerRecord[] {
    return [...(this.#bySandbox.get(sandboxId) ?? [])].flatMap((id) => this.#containers.get(id) ?? []);
  }

  /** By id or unique prefix. @throws InvalidArgumentError for a prefix of several. */
  findSandbox(id: string): SandboxRecord | undefined {
    return find(this.#sandboxes, id, "pod_sandbox_id");
  }

  findContainer(id: string): ContainerRecord | undefined {
    return find(this.#containers, id, "container_id");
  }

  /** As `findSandbox`. @throws NotFoundError */
  sandbox(id: string): SandboxRecord {
    const sandbox = this.findSandbox(id);
    if (!sandbox) throw new NotFoundError(`pod sandbox ${JSON.stringify(id)} not found`);
    return sandbox;
  }

  /** As `findContainer`. @throws NotFoundError */
  container(id: string): ContainerRecord {
    const container = this.findContainer(id);
    if (!container) throw new NotFoundError(`container ${JSON.stringify(id)} not found`);
    return container;
  }

  /** Full ids that a list filter means: a truncated id that fits several means nothing, as does an unknown one. */
  expandSandboxId(prefix: string): string {
    return this.#sandboxes.has(prefix) ? prefix : (unique(this.#sandboxes.keys(), prefix) ?? prefix);
  }

  expandContainerId(prefix: string): string {
    return this.#containers.has(prefix) ? prefix : (unique(this.#containers.keys(), prefix) ?? prefix);
  }

  /** Calls back with the id of each record that was put or removed; returns how to end that. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves once the container meets the condition, or is gone; rejects with the signal's reason. */
  waitForContainer(
    id: string,
    condition: (container: ContainerRecord) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = (): boolean => {
        const container = this.#containers.get(id);
        return !container || condition(container);
      };
      if (settled()) return resolve();
      if (signal?.aborted) return reject(signal.reason);
      const stop = this.onChange((changed) => {
        if (changed !== id || !settled()) return;
        end();
        resolve();
      });
      const onAbort = (): void => {
        end();
        reject(signal?.reason);
      };
      const end = (): void => {
        stop();
        signal?.removeEventListener("abort", onAbort);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  #changed(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}

function find<T>(records: ReadonlyMap<string, T>, id: string, field: string): T | undefined {
  const exact = records.get(id);
  if (exact || id === "") return exact;
  const matches = [...records.keys()].filter((key) => key.startsWith(id));
  if (matches.length > 1)
    throw new InvalidArgumentError(`${field} ${JSON.stringify(id)} is ambiguous: ${matches.length} ids begin so`);
  return matches[0] === undefined ? undefined : records.get(matches[0]);
}

function unique(ids: Iterable<string>, prefix: string): string | undefined {
  const matches = [...ids].filter((id) => id.startsWith(prefix));
  return matches.length === 1 ? matches[0] : undefined;
}
