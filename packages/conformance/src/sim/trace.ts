/** What happened, line by line: the same seed gives the same lines. Keeps a digest of all and the last of them. */
import { createHash } from "node:crypto";

const KEPT = 4000;
const HASHED_AT_ONCE = 65_536;

export class Trace {
  readonly #hash = createHash("sha256");
  readonly #now: () => number;
  readonly #sink: ((line: string) => void) | undefined;
  #recent: string[] = [];
  /** Lines that are not in the hash yet: one long text takes it less time than many short ones. */
  #unhashed = "";
  #lines = 0;
  /** Of the last line: most are of the same moment as the one before. */
  #lastMs = Number.NaN;
  #lastTime = "";

  /** `sink` gets each line as well. */
  constructor(now: () => number, sink?: (line: string) => void) {
    this.#now = now;
    this.#sink = sink;
  }

  add(text: string): void {
    const nowMs = this.#now();
    if (nowMs !== this.#lastMs) [this.#lastMs, this.#lastTime] = [nowMs, nowMs.toFixed(3)];
    const line = `${this.#lastTime} ${text}`;
    this.#unhashed += `${line}\n`;
    if (this.#unhashed.length >= HASHED_AT_ONCE) this.#hashAll();
    this.#lines += 1;
    this.#sink?.(line);
    this.#recent.push(line);
    if (this.#recent.length >= 2 * KEPT) this.#recent = this.#recent.slice(KEPT);
  }

  get lines(): number {
    return this.#lines;
  }

  recent(count = KEPT): string[] {
    return this.#recent.slice(-count);
  }

  /** Of all lines so far. */
  digest(): string {
    this.#hashAll();
    return this.#hash.copy().digest("hex");
  }

  #hashAll(): void {
    this.#hash.update(this.#unhashed);
    this.#unhashed = "";
  }
}
