/**
 * Moves a container's output from the files that the app appends to into the CRI log file. Owns when that happens;
 * what happens in one go is in `log-transfer.ts`.
 *
 * No change in the files, no work: inotify says when there is something to do, and a slow poll catches what it missed.
 */
import { SerialQueue } from "../platform/serial-queue.ts";
import type { Timer } from "../platform/clock.ts";
import type { FileWatch } from "../platform/host-files.ts";
import { LOG_LIMITS } from "../limits.ts";
import type { LogPump, LogPumpOptions, OutputListener } from "./log-pump-types.ts";
import { LogTransfer } from "./log-transfer.ts";
import { STREAMS } from "./stream.ts";
import type { StreamName } from "./stream.ts";

class SystemLogPump implements LogPump {
  readonly #options: Required<LogPumpOptions>;
  readonly #transfer: LogTransfer;
  readonly #queue = new SerialQueue();
  /** Streams to look at, in the order in which they changed. */
  readonly #changed = new Set<StreamName>();
  readonly #closing = new AbortController();
  #watch: FileWatch | undefined;
  #pollTimer: Timer | undefined;
  #passTimer: Timer | undefined;
  #retryTimer: Timer | undefined;
  #lastPassMs = Number.NEGATIVE_INFINITY;
  #hasMore = false;
  #failures = 0;

  constructor(options: Required<LogPumpOptions>) {
    this.#options = options;
    this.#transfer = new LogTransfer(options);
  }

  async start(): Promise<void> {
    this.#poll();
    await this.#queue.run(() => this.#attempt(() => this.#open()));
    this.#wake();
  }

  async drain(signal?: AbortSignal): Promise<void> {
    const ends = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    for (;;) {
      ends.throwIfAborted();
      const result = await this.#flush().catch(() => "failed" as const);
      if (result === "done") return;
      if (result === "failed") await this.#options.clock.sleep(this.#retryMs(), ends);
    }
  }

  async reopen(): Promise<void> {
    await this.#queue.run(async () => {
      this.#closing.signal.throwIfAborted();
      await this.#open();
      await this.#transfer.reopen();
    });
  }

  subscribe(listener: OutputListener): () => void {
    return this.#transfer.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the log pump was closed"));
    for (const timer of [this.#pollTimer, this.#passTimer, this.#retryTimer]) timer?.cancel();
    this.#watch?.close();
    await this.#queue.run(() => this.#transfer.close());
  }

  /** Makes everything ready that is not yet. */
  async #open(): Promise<void> {
    this.#closing.signal.throwIfAborted();
    this.#watch ??= this.#options.files.watch(this.#options.directory, (name) => this.#onChange(name));
    await this.#transfer.open();
  }

  #onChange(name: string | undefined): void {
    for (const stream of STREAMS) if (name === stream || name === undefined) this.#changed.add(stream);
    this.#wake();
  }

  #poll(): void {
    if (this.#closing.signal.aborted) return;
    this.#onChange(undefined);
    this.#pollTimer = this.#options.clock.setTimeout(() => this.#poll(), this.#options.limits.pollMs);
  }

  /** Sees to it that a pass follows: soon, but small pieces of output gather until then. */
  #wake(): void {
    if (this.#passTimer !== undefined || this.#retryTimer !== undefined || this.#changed.size === 0) return;
    if (this.#closing.signal.aborted) return;
    const { clock, limits } = this.#options;
    const delayMs = this.#hasMore ? 0 : Math.max(0, this.#lastPassMs + limits.gatherMs - clock.monotonicMs());
    this.#passTimer = clock.setTimeout(() => void this.#scheduledPass(), delayMs);
  }

  async #scheduledPass(): Promise<void> {
    try {
      await this.#queue.run(() => this.#attempt(() => this.#pass(false)));
    } catch {
      this.#retryLater();
    }
    this.#passTimer = undefined;
    this.#wake();
  }

  #retryLater(): void {
    if (this.#closing.signal.aborted) return;
    this.#retryTimer = this.#options.clock.setTimeout(() => {
      this.#retryTimer = undefined;
      this.#onChange(undefined);
    }, this.#retryMs());
  }

  /** One pass over both streams that leaves no unended line behind. */
  #flush(): Promise<"done" | "more"> {
    return this.#queue.run(() =>
      this.#attempt(() => {
        for (const stream of STREAMS) this.#changed.add(stream);
        return this.#pass(true);
      }),
    );
  }

  /** Moves output that is there, up to a bound: others wait for their turn, too. */
  async #pass(flush: boolean): Promise<"done" | "more"> {
    await this.#open();
    this.#lastPassMs = this.#options.clock.monotonicMs();
    const streams = [...this.#changed];
    this.#changed.clear();
    const unfinished = await this.#transfer.move(streams, flush);
    this.#hasMore = unfinished.length > 0;
    for (const stream of unfinished) this.#changed.add(stream);
    return this.#hasMore ? "more" : "done";
  }

  /** Says once that it fails, and once that it works again. */
  async #attempt<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      const result = await action();
      this.#onSuccess();
      return result;
    } catch (error) {
      this.#onFailure(error);
      throw error;
    }
  }

  #onSuccess(): void {
    if (this.#failures === 0) return;
    const { log, logPath } = this.#options;
    log.info({ logPath }, "container output is logged again");
    this.#failures = 0;
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
  }

  #onFailure(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { log, logPath } = this.#options;
    if (this.#failures === 0) {
      log.warn({ err: error, logPath }, "container output cannot be logged now: trying again, nothing is lost");
    }
    this.#failures += 1;
  }

  #retryMs(): number {
    const { retryMsMin, retryMsMax } = this.#options.limits;
    return Math.min(retryMsMax, retryMsMin * 2 ** Math.max(0, this.#failures - 1));
  }
}

/** Makes a pump for one container. It does nothing before `start`. */
export function openLogPump(options: LogPumpOptions): LogPump {
  return new SystemLogPump({ ...options, limits: options.limits ?? LOG_LIMITS });
}
