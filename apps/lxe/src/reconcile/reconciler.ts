/**
 * Keeps the index equal to LXD. Events only say which instance to read again: they come in any order, at most once, and
 * are never trusted. One read of an instance runs at a time; a gap in the events means that everything is read. So it is once a minute:
 * of a container whose monitor was killed, and of what LXD could not send, there is no event and no gap.
 */

import { isLxdError, type Instance, type LifecycleEvent, type LxdClient } from "@lxe/lxd-client";
import type { ContainerRecord, InstanceRecord, SandboxRecord } from "../model/records.ts";
import { isRunning } from "../model/records.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import { awaitsExit, isUnread, readInstance, runsIn } from "../store/codec.ts";
import type { Index } from "../store/index.ts";
import { type Exits, failedToStart } from "./exits.ts";
import { instanceIn } from "./instance-urls.ts";

export interface ReconcilerOptions {
  readonly lxd: LxdClient;
  readonly index: Index;
  readonly exits: Exits;
  readonly clock: Clock;
  readonly log: Logger;
  /** A container runs that lxe has not seen running before. */
  readonly onRunning: (container: ContainerRecord) => Promise<void>;
  /** A sandbox that LXD never started: one that is being made, or nobody's. */
  readonly onUnstarted: (sandbox: SandboxRecord) => void;
  /** It runs, and what LXD has kept of its resources is not what lxe knew. */
  readonly onResized: (container: ContainerRecord) => void;
  /** LXD does not have it any more. Called when the index has forgotten it. */
  readonly onGone: (record: InstanceRecord) => void;
}

interface Reading {
  readonly running: Promise<void>;
  again: Promise<void> | undefined;
}

/** Events after which an instance looks different. Others, such as reading a log file, we cause ourselves. */
const CHANGES = new Set([
  "created",
  "started",
  "stopped",
  "shutdown",
  "restarted",
  "paused",
  "resumed",
  "updated",
  "renamed",
  "deleted",
]);
const RETRY_MS = 500;
/** Events come in groups, and what lxe did itself it reads at once: most need no read of their own when they wait for this long. */
const GATHER_MS = 5;
const LIST_AGAIN_MS = 60_000;

function isResized(record: ContainerRecord, previous: InstanceRecord | undefined): boolean {
  const known = previous?.kind === "container" && previous.id === record.id ? previous.resized : undefined;
  return isRunning(record) && record.resized !== undefined && record.resized !== known;
}

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #reads = new Map<string, Reading>();
  /** For each list under way, the instances that were read meanwhile: what the list says of them may be older. */
  readonly #lists = new Set<Set<string>>();
  /** Instances that an event told of since their last read began. */
  readonly #noticed = new Set<string>();
  /** Instances that will be read again in a moment. */
  readonly #retries = new Set<string>();
  #nextList: Timer | undefined;
  #closed = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** For LXD's lifecycle events. Returns at once. */
  onEvent(event: LifecycleEvent): void {
    const { action, source } = event.metadata;
    if (!action.startsWith("instance-") || !CHANGES.has(action.slice("instance-".length))) return;
    const name = instanceIn(source);
    if (name !== undefined) this.#notice(name);
  }

  /** Reads the instance soon, unless a read begins before that. */
  #notice(instance: string): void {
    if (this.#noticed.has(instance)) return;
    this.#noticed.add(instance);
    this.#options.clock.setTimeout(() => {
      if (this.#noticed.has(instance)) this.#enqueue(instance);
    }, GATHER_MS);
  }

  #enqueue(instance: string): void {
    this.read(instance).catch((error: unknown) => {
      this.#options.log.warn({ err: error, instance }, "an instance could not be read; trying again");
      this.#retry(instance);
    });
  }

  /** Reads the instance again, after a moment. */
  readLater(instance: string): void {
    this.#retry(instance);
  }

  #retry(instance: string): void {
    if (this.#closed || this.#retries.has(instance)) return;
    this.#retries.add(instance);
    this.#options.clock.setTimeout(() => {
      this.#retries.delete(instance);
      this.#enqueue(instance);
    }, RETRY_MS);
  }

  /** Resolves when the index shows the instance as LXD showed it at some moment after this call. */
  read(instance: string): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const reading = this.#reads.get(instance);
    if (!reading) return this.#start(instance);
    // the read under way may have asked LXD before this call
    reading.again ??= reading.running.then(
      () => this.#start(instance),
      () => this.#start(instance),
    );
    return reading.again;
  }

  #start(instance: string): Promise<void> {
    const running = this.#readNow(instance).finally(() => {
      // the next one, if it was asked for, takes the place of this one
      if (reading.again === undefined) this.#reads.delete(instance);
    });
    const reading: Reading = { running, again: undefined };
    this.#reads.set(instance, reading);
    return running;
  }

  async #readNow(name: string): Promise<void> {
    const { lxd, index } = this.#options;
    for (const read of this.#lists) read.add(name);
    const noticed = this.#noticed.delete(name);
    try {
      const { value } = await lxd.instances.get(name);
      this.#apply(value);
    } catch (error) {
      if (!isLxdError(error, "not-found")) {
        if (noticed) this.#retry(name);
        throw error;
      }
      const record = index.byInstance(name);
      index.removeInstance(name);
      if (record !== undefined) this.#options.onGone(record);
    }
  }

  /** Reads all instances: at start, and whenever events may have been missed. Returns those that are lxe's. */
  async resync(signal?: AbortSignal): Promise<InstanceRecord[]> {
    this.#nextList?.cancel();
    try {
      return await this.#list(signal);
    } finally {
      if (!this.#closed) this.#listLater();
    }
  }

  #listLater(): void {
    const { clock, log } = this.#options;
    this.#nextList?.cancel();
    this.#nextList = clock.setTimeout(() => {
      this.resync().catch((error: unknown) => log.warn({ err: error }, "LXD's instances could not be listed"));
    }, LIST_AGAIN_MS);
  }

  async #list(signal: AbortSignal | undefined): Promise<InstanceRecord[]> {
    const { lxd, index } = this.#options;
    const before = new Set([...index.instances()].map(({ instance }) => instance));
    const readMeanwhile = new Set(this.#reads.keys());
    this.#lists.add(readMeanwhile);
    try {
      const instances = await lxd.instances.list({ recursion: 1, signal });
      const records = await Promise.all(
        instances.map(async (instance) => {
          if (!readMeanwhile.has(instance.name)) return this.#apply(instance);
          await this.read(instance.name);
          return index.byInstance(instance.name);
        }),
      );
      const seen = new Set(instances.map(({ name }) => name));
      // one that was made since the list was taken is looked at by itself
      for (const name of before) if (!seen.has(name)) this.#enqueue(name);
      return records.filter((record) => record !== undefined);
    } finally {
      this.#lists.delete(readMeanwhile);
    }
  }

  #apply(instance: Instance): InstanceRecord | undefined {
    const { index, log, onUnstarted } = this.#options;
    if (isUnread(instance)) {
      this.#retry(instance.name);
      return index.byInstance(instance.name);
    }
    try {
      const previous = index.byInstance(instance.name);
      const record = readInstance(instance, previous);
      if (!record) return undefined;
      index.put(record);
      if (record.uncertain) this.#retry(record.instance);
      if (record.kind === "container") this.#follow(instance, record, previous);
      else if (record.starting && !record.uncertain) onUnstarted(record);
      return record;
    } catch (error) {
      log.error({ err: error, instance: instance.name }, "an instance of lxe's cannot be understood: it is left alone");
      return undefined;
    }
  }

  #follow(instance: Instance, record: ContainerRecord, previous: InstanceRecord | undefined): void {
    const { exits, log, onRunning, onResized } = this.#options;
    if (isResized(record, previous)) onResized(record);
    const next = awaitsExit(instance, record)
      ? exits.settle(record)
      : failedToStart(record) && runsIn(instance)
        ? exits.endLateStart(record)
        : isRunning(record) && !record.uncertain
          ? onRunning(record)
          : undefined;
    next?.catch((error: unknown) => {
      log.warn(
        { err: error, container: record.instance },
        "a container's change could not be followed up; trying again",
      );
      this.#retry(record.instance);
    });
  }

  close(): void {
    this.#closed = true;
    this.#nextList?.cancel();
  }
}
