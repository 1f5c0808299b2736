/** Runs asynchronous jobs one after the other, in the order they came. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as `job` does; a job that fails does not disturb the next. */
  run<Result>(job: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(job);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Runs a few jobs at a time, each behind an earlier one of its lane. */
export class Lanes {
  readonly #lanes: readonly SerialQueue[];
  #next = 0;

  constructor(count: number) {
    this.#lanes = Array.from({ length: count }, () => new SerialQueue());
  }

  /** Settles as `job` does; a job that fails does not disturb others. */
  async run<Result>(job: () => Promise<Result>): Promise<Result> {
    const lane = this.#lanes[this.#next++ % this.#lanes.length];
    return lane ? await lane.run(job) : await job();
  }
}
