/**
 * Pending timers of a clock without real time: a binary heap by due time, those due together in the order of their start. Most timers are
 * limits of calls that end long before: they are cancelled, and are taken out in one go when they are the larger part.
 */

import type { Timer } from "./clock.ts";

export interface PendingTimer extends Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

class Entry implements PendingTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
  readonly #heap: TimerHeap;
  cancelled = false;

  constructor(heap: TimerHeap, dueMs: number, order: number, run: () => void) {
    this.#heap = heap;
    this.dueMs = dueMs;
    this.order = order;
    this.run = run;
  }

  /** Also one that has run, or was cancelled before. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.#heap.noteCancelled();
  }
}

/** Fewer are not worth the work. */
const SWEPT_MIN = 64;

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs;
}

export class TimerHeap {
  #timers: Entry[] = [];
  #order = 0;
  #cancelled = 0;

  add(dueMs: number, run: () => void): PendingTimer {
    const timer = new Entry(this, dueMs, this.#order++, run);
    this.#rise(timer, this.#timers.push(timer) - 1);
    return timer;
  }

  /** By a timer of this heap, once. */
  noteCancelled(): void {
    this.#cancelled += 1;
    if (this.#cancelled > SWEPT_MIN && this.#cancelled * 2 > this.#timers.length) this.#sweep();
  }

  /** The next one that was not cancelled. */
  first(): PendingTimer | undefined {
    while (this.#timers[0]?.cancelled) this.#removeFirst();
    return this.#timers[0];
  }

  takeFirst(): PendingTimer | undefined {
    const timer = this.first();
    if (timer !== undefined) this.#removeFirst();
    return timer;
  }

  #sweep(): void {
    // in order is a heap, too
    this.#timers = this.#timers
      .filter(({ cancelled }) => !cancelled)
      .toSorted((a, b) => a.dueMs - b.dueMs || a.order - b.order);
    this.#cancelled = 0;
  }

  #removeFirst(): void {
    const last = this.#timers.pop();
    if (last === undefined || this.#timers.length === 0) return;
    this.#sink(last);
  }

  /** From the place `at`, which is free. */
  #rise(timer: Entry, at: number): void {
    const timers = this.#timers;
    let index = at;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = timers[above];
      if (parent === undefined || !isBefore(timer, parent)) break;
      timers[index] = parent;
      index = above;
    }
    timers[index] = timer;
  }

  /** From the top, which is free. */
  #sink(timer: Entry): void {
    const timers = this.#timers;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const first = timers[left];
      const second = timers[left + 1];
      if (first === undefined) break;
      const isSecond = second !== undefined && isBefore(second, first);
      const child = isSecond ? second : first;
      if (!isBefore(child, timer)) break;
      timers[index] = child;
      index = isSecond ? left + 1 : left;
    }
    timers[index] = timer;
  }
}
