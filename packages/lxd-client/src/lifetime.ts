/** Which calls and sessions are under way, so that closing can wait for the former and end the latter. */
import { LxdError } from "./errors.ts";

type AnyCall = (...parameters: never[]) => unknown;

export class Lifetime {
  readonly #calls = new Set<Promise<unknown>>();
  readonly #sessions = new Set<() => void>();
  #closed = false;

  /** Refuses new calls from now on. */
  refuse(): void {
    this.#closed = true;
  }

  /** Resolves when no call is under way, successful or not. */
  async idle(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
  }

  /** `end` is called when the client closes; the returned function takes that back. */
  addSession(end: () => void): () => void {
    this.#sessions.add(end);
    return () => this.#sessions.delete(end);
  }

  endSessions(): void {
    for (const end of this.#sessions) end();
    this.#sessions.clear();
  }

  /** The same functions, and those of objects in it, but refused after closing and counted while under way. All must be asynchronous. */
  guard<T extends object>(api: T): T {
    const guarded = Object.entries(api).map(([name, member]: [string, unknown]) => {
      if (typeof member === "function") return [name, this.#counted(member as AnyCall)];
      return [name, typeof member === "object" && member !== null ? this.guard(member) : member];
    });
    return Object.fromEntries(guarded) as T;
  }

  #counted(call: AnyCall): AnyCall {
    return (...parameters) => {
      if (this.#closed) return Promise.reject(closedError());
      const running = Promise.resolve(call(...parameters));
      this.#calls.add(running);
      const end = (): void => void this.#calls.delete(running);
      running.then(end, end);
      return running;
    };
  }
}

export function closedError(): LxdError {
  return new LxdError("closed", "the LXD client was closed");
}
