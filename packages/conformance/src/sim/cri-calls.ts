/**
 * The CRI as the kubelet calls it, without gRPC: the handlers of the lxe that runs now. A call ends with an answer, with an error that the
 * CRI has a code for, by its deadline, or because lxe was killed; anything else is a violation.
 */
import {
  type CriError,
  type CriErrorCode,
  DeadlineExceededError,
  isCriError,
  type RequestOf,
  type ResponseOf,
  type UnaryMethodName,
  UnavailableError,
  UnknownError,
} from "@lxe/cri";
import { mapLxdError } from "lxe";
import type { LxeLife, SimulatedNode } from "./node.ts";
import type { VirtualTime } from "./time.ts";
import type { Trace } from "./trace.ts";
import { Violation } from "./violation.ts";

/** The kubelet's `runtimeRequestTimeout`. */
const DEADLINE_MS = 120_000;

/** Codes that tell a kubelet nothing it could act on: a mistake in lxe. */
const UNEXPECTED: ReadonlySet<CriErrorCode> = new Set([
  "INTERNAL",
  "INVALID_ARGUMENT",
  "UNIMPLEMENTED",
  "RESOURCE_EXHAUSTED",
]);

const OK = "OK";

export interface CallsOptions {
  readonly node: SimulatedNode;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly onViolation: (violation: Violation) => void;
}

interface Handling {
  readonly method: string;
  readonly life: LxeLife;
  readonly sinceMs: number;
}

export class CriCalls {
  readonly #options: CallsOptions;
  /** Handlers that have not ended, also those that nobody waits for any more. */
  readonly #handlings = new Set<Handling>();
  #waiting = 0;
  /** Calls, by method and how they ended. */
  readonly counts = new Map<string, number>();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Calls that somebody waits for. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Handlers of the lxe that runs now that have not ended. */
  handlings(): { method: string; forMs: number }[] {
    const { time } = this.#options;
    const alive = [...this.#handlings].filter(({ life }) => life.life.alive);
    return alive.map(({ method, sinceMs }) => ({ method, forMs: time.elapsedMs - sinceMs }));
  }

  async call<K extends UnaryMethodName>(
    method: K,
    request: RequestOf<K>,
    about = "",
    deadlineMs = DEADLINE_MS,
  ): Promise<ResponseOf<K>> {
    this.#waiting += 1;
    if (!method.startsWith("list")) this.#options.trace.add(`cri ${method} ${about}`);
    try {
      const response = await this.#send(method, request, deadlineMs);
      this.#note(method, about, OK);
      return response;
    } catch (error) {
      this.#note(method, about, isCriError(error) ? `${error.code} ${error.message}` : String(error));
      throw error;
    } finally {
      this.#waiting -= 1;
    }
  }

  #note(method: string, about: string, outcome: string): void {
    const isFine = outcome === OK;
    const key = `${method} ${isFine ? OK : outcome.split(" ", 1)[0]}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    // lists are asked for all the time
    if (!isFine || !method.startsWith("list")) this.#options.trace.add(`cri ${method} ${about}: ${outcome}`);
  }

  #send<K extends UnaryMethodName>(method: K, request: RequestOf<K>, deadlineMs: number): Promise<ResponseOf<K>> {
    const { node, time } = this.#options;
    const { lxe } = node;
    if (lxe === undefined) return Promise.reject(new UnavailableError("connection refused"));
    const abort = new AbortController();
    return new Promise((resolve, reject) => {
      const leave = (error: CriError): void => {
        end();
        abort.abort(error);
        reject(error);
      };
      const timer = time.clock.setTimeout(
        () => leave(new DeadlineExceededError(`${method}: deadline exceeded`)),
        deadlineMs,
      );
      const forget = lxe.life.onEnd(() => leave(new UnavailableError("connection lost")));
      const end = (): void => {
        timer.cancel();
        forget();
      };
      this.#handle(lxe, method, request, abort.signal).then(
        (response) => {
          end();
          return resolve(response);
        },
        (error: CriError) => {
          end();
          reject(error);
        },
      );
    });
  }

  async #handle<K extends UnaryMethodName>(
    lxe: LxeLife,
    method: K,
    request: RequestOf<K>,
    signal: AbortSignal,
  ): Promise<ResponseOf<K>> {
    const handler = lxe.handlers[method] as
      | ((request: RequestOf<K>, call: object) => Promise<ResponseOf<K>>)
      | undefined;
    if (handler === undefined) throw new Violation(`lxe does not answer ${method}`);
    const handling = { method, life: lxe, sinceMs: this.#options.time.elapsedMs };
    this.#handlings.add(handling);
    try {
      return await handler(request, { method, signal, metadata: {} });
    } catch (error) {
      throw this.#asCriError(method, error, signal);
    } finally {
      this.#handlings.delete(handling);
    }
  }

  #asCriError(method: string, error: unknown, signal: AbortSignal): CriError {
    const mapped = isCriError(error) ? error : (mapLxdError(error) ?? systemError(error));
    if (mapped !== undefined && !UNEXPECTED.has(mapped.code)) return mapped;
    // whoever left does not see it
    if (!signal.aborted) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.onViolation(new Violation(`${method} failed in a way that no kubelet can act on: ${text}`));
    }
    return mapped ?? new UnavailableError(String(error));
  }
}

/** Of the host, such as a full disk: callers get its text. */
function systemError(error: unknown): CriError | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? new UnknownError(message) : undefined;
}
