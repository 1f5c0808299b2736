/** Options that every call shares. */
import type { Operation } from "../schema/operation.ts";

export interface CallOptions {
  /** Aborting rejects with `timeout` (if the reason is a TimeoutError) or `cancelled`; the reason is the cause. */
  signal?: AbortSignal | undefined;
}

/** For calls that resolve at the end of an operation. Aborting also cancels the operation if LXD can; if not, it goes on without us. */
export interface OperationOptions extends CallOptions {
  /** Every change of the operation that was seen, the last included. Treat the argument as a secret for exec. */
  onUpdate?: ((operation: Operation) => void) | undefined;
  /**
   * How long "instance is busy" is retried, in milliseconds.
   * Default: until `signal` aborts, or 30 000 without a signal. 0: not at all.
   */
  busyTimeoutMs?: number | undefined;
}

export interface ListOptions extends CallOptions {
  /** LXD's filter language, e.g. `config.user.kind eq pod`. */
  filter?: string | undefined;
  allProjects?: boolean | undefined;
}

/** For writes that check the ETag; without one the write is unconditional. */
export interface WriteOptions extends OperationOptions {
  etag?: string | undefined;
}

export interface ModifyOptions extends OperationOptions {
  /** How often a 412 is answered by reading again. Default 10. */
  attemptsMax?: number | undefined;
}

/** An object with the ETag to write it back with. */
export interface Tagged<T> {
  value: T;
  readonly etag: string;
}
