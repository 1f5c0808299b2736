/** Pending timers of a clock without real time: a binary heap by due time, those due together in the order of their start. */

export interface PendingTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

function isBefore(a: PendingTimer, b: PendingTimer): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs;
}

export class TimerHeap {
  readonly #timers: PendingTimer[] = [];
  #order = 0;

  add(dueMs: number, run: () => void): PendingTimer {
    const timer = { dueMs, order: this.#order++, run, cancelled: false };
    this.#timers.push(timer);
    this.#rise(this.#timers.length - 1);
    return timer;
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

  #removeFirst(): void {
    const last = this.#timers.pop();
    if (last === undefined || this.#timers.length === 0) return;
    this.#timers[0] = last;
    this.#sink();
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #sink(): void {
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      const child = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#timers[a], this.#timers[b]];
    return first !== undefined && second !== undefined && isBefore(first, second);
  }

  #swapIfBefore(a: number, b: number): boolean {
    if (!this.#isBefore(a, b)) return false;
    const [first, second] = [this.#timers[a], this.#timers[b]];
    if (first === undefined || second === undefined) return false;
    this.#timers[a] = second;
    this.#timers[b] = first;
    return true;
  }
}
