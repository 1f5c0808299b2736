/**
 * Decides whether a connection is read. Owns the count of what its streams hold for readers that have stopped; above a bound the
 * source pauses, well below it resumes. Other reasons to stop may be held beside.
 */

import { connectionBufferBytesMax, streamBufferBytesMax } from "./limits.ts";

export interface IntakeSource {
  pause(): void;
  resume(): void;
}

export class Intake {
  readonly #source: IntakeSource;
  readonly #reasons = new Set<unknown>();
  #heldBytes = 0;

  constructor(source: IntakeSource) {
    this.#source = source;
  }

  /** Tells that `owner` now holds `ownerBytes`, `delta` more than before. */
  account(owner: object, ownerBytes: number, delta: number): void {
    this.#heldBytes += delta;
    this.#judge(owner, ownerBytes, streamBufferBytesMax);
    this.#judge(this, this.#heldBytes, connectionBufferBytesMax);
  }

  /** Stops reading until `release` for the same reason. */
  hold(reason: unknown): void {
    const wasStalled = this.stalled;
    this.#reasons.add(reason);
    if (!wasStalled) this.#source.pause();
  }

  release(reason: unknown): void {
    if (this.#reasons.delete(reason) && !this.stalled) this.#source.resume();
  }

  get stalled(): boolean {
    return this.#reasons.size > 0;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  #judge(reason: object, bytes: number, bytesMax: number): void {
    if (bytes > bytesMax) this.hold(reason);
    else if (bytes <= bytesMax / 2) this.release(reason);
  }
}
