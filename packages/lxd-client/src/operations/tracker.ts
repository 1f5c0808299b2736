/**
 * Waits for operations, all of them together: through the shared events connection, and through one look at the list of
 * operations now and then, which finds what an event did not tell. No request ever hangs for a wait. An end that is told before the
 * answer that names its operation is kept for a while.
 *
 * LXD forgets an operation five seconds after its end; one that is gone before its end was seen is `operation-lost`.
 */
import type { OperationOptions } from "../api/options.ts";
import type { Clock } from "../clock.ts";
import { isLxdError, LxdError } from "../errors.ts";
import type { OperationFeed, OperationSink } from "../events/hub.ts";
import type { Limits } from "../limits.ts";
import { isFinalStatus } from "../schema/index.ts";
import type { Operation } from "../schema/operation.ts";
import { abortError, onAbort } from "../transport/abort.ts";
import { fetchOperation, fetchOperations, requestCancel } from "./requests.ts";
import type { Rest } from "../transport/rest.ts";

interface Waiter {
  resolve(operation: Operation): void;
  reject(error: LxdError): void;
  onUpdate: ((operation: Operation) => void) | undefined;
}

interface Tracked {
  latest: Operation;
  waiters: Set<Waiter>;
}

export type WaitOptions = Omit<OperationOptions, "busyTimeoutMs">;

export interface OperationTracker extends OperationSink {
  /**
   * Resolves at the end, whichever it is. `listeningSince`: what `listening` was before the operation was asked for; it saves a look at
   * the operation when no event can have been missed.
   */
  waitEnd(operation: Operation, options: WaitOptions | undefined, listeningSince?: number): Promise<Operation>;
  listening(): number | undefined;
  rejectAll(error: LxdError): void;
}

/** Ends that nobody waits for yet. Other clients' count, too: LXD tells of all. */
const ENDED_KEPT = 1000;

export function operationTracker(rest: Rest, feed: OperationFeed, clock: Clock, limits: Limits): OperationTracker {
  const tracked = new Map<string, Tracked>();
  const ended = new Map<string, Operation>();
  let cancelSweep: (() => void) | undefined;
  let unreachableSince: number | undefined;

  function observe(operation: Operation): void {
    const entry = tracked.get(operation.id);
    if (entry === undefined) return keep(operation);
    if (isFinalStatus(entry.latest.status_code)) return;
    entry.latest = operation;
    for (const waiter of entry.waiters) waiter.onUpdate?.(operation);
    if (!isFinalStatus(operation.status_code)) return;
    for (const waiter of forget(operation.id)) waiter.resolve(operation);
  }

  function keep(operation: Operation): void {
    if (!isFinalStatus(operation.status_code)) return;
    ended.set(operation.id, operation);
    if (ended.size <= ENDED_KEPT) return;
    const [oldest] = ended.keys();
    if (oldest !== undefined) ended.delete(oldest);
  }

  function forget(id: string): Iterable<Waiter> {
    const waiters = tracked.get(id)?.waiters ?? [];
    tracked.delete(id);
    if (tracked.size === 0) stopSweeping();
    return waiters;
  }

  function rejectWaits(id: string, error: LxdError): void {
    for (const waiter of forget(id)) waiter.reject(error);
  }

  function rejectAll(error: LxdError): void {
    for (const id of tracked.keys()) rejectWaits(id, error);
  }

  function stopSweeping(): void {
    cancelSweep?.();
    cancelSweep = undefined;
    unreachableSince = undefined;
  }

  function scheduleSweep(delayMs = feed.isConnected() ? limits.operationSweepMs : limits.operationPollMs): void {
    cancelSweep?.();
    cancelSweep = clock.setTimeout(() => void sweep(), delayMs);
  }

  async function sweep(): Promise<void> {
    const asked = [...tracked.keys()];
    await guarded(async () => {
      const listed = await fetchOperations(rest);
      for (const operation of listed) observe(operation);
      const seen = new Set(listed.map(({ id }) => id));
      await Promise.all(asked.filter((id) => !seen.has(id) && tracked.has(id)).map(lookAt));
    });
    if (tracked.size > 0) scheduleSweep();
  }

  /** One operation: just registered, or absent from the list (which can belong to another project). */
  async function lookAt(id: string): Promise<void> {
    await guarded(async () => {
      try {
        observe(await fetchOperation(rest, id));
      } catch (error) {
        if (!isLxdError(error, "not-found")) throw error;
        rejectWaits(id, lost(id, error));
      }
    });
  }

  /** Waits outlive a server that restarts, but not one that stays away. */
  async function guarded(look: () => Promise<void>): Promise<void> {
    try {
      await look();
      unreachableSince = undefined;
    } catch (error) {
      if (!isLxdError(error)) throw error;
      unreachableSince ??= clock.now();
      if (clock.now() - unreachableSince >= limits.operationUnavailableMs) rejectAll(error);
    }
  }

  function register(operation: Operation, waiter: Waiter): void {
    const entry = tracked.get(operation.id) ?? { latest: operation, waiters: new Set<Waiter>() };
    entry.waiters.add(waiter);
    tracked.set(operation.id, entry);
    feed.start();
    if (cancelSweep === undefined) scheduleSweep();
  }

  async function giveUp(id: string, waiter: Waiter, signal: AbortSignal): Promise<void> {
    const entry = tracked.get(id);
    if (entry === undefined || !entry.waiters.delete(waiter)) return;
    const { latest } = entry;
    if (entry.waiters.size === 0) forget(id);
    if (latest.may_cancel) await tryCancel(id);
    waiter.reject(abortError(signal, `operation ${id}`));
  }

  async function tryCancel(id: string): Promise<void> {
    const patience = new AbortController();
    const stopTimer = clock.setTimeout(() => patience.abort(), limits.cancelTimeoutMs);
    await requestCancel(rest, id, patience.signal).catch(() => {});
    stopTimer();
  }

  function waitEnd(
    operation: Operation,
    options: WaitOptions | undefined,
    listeningSince?: number,
  ): Promise<Operation> {
    if (isFinalStatus(operation.status_code)) return Promise.resolve(operation);
    const end = ended.get(operation.id);
    if (end !== undefined) {
      ended.delete(operation.id);
      options?.onUpdate?.(end);
      return Promise.resolve(end);
    }
    const signal = options?.signal;
    const { promise, resolve, reject } = Promise.withResolvers<Operation>();
    const waiter: Waiter = { resolve, reject, onUpdate: options?.onUpdate };
    register(operation, waiter);
    const unlisten = onAbort(signal, () => signal && void giveUp(operation.id, waiter, signal));
    // The end may have come before anyone listened for it.
    if (listeningSince === undefined || listeningSince !== feed.listening()) void lookAt(operation.id);
    return promise.finally(unlisten);
  }

  const resync = (): void => {
    if (tracked.size > 0) scheduleSweep(0);
  };
  return { observe, resync, waitEnd, rejectAll, listening: () => feed.listening() };
}

function lost(id: string, cause: LxdError): LxdError {
  return new LxdError("operation-lost", `operation ${id}: LXD does not know it any more, its result is unknown`, {
    request: cause.request,
    cause,
  });
}
