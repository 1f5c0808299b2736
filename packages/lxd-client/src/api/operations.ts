import type { Operation } from "../schema/operation.ts";
import type { CallOptions, OperationOptions } from "./options.ts";
import type { RequestSpec } from "./request.ts";

/** An operation that was started and not waited for. */
export interface OperationHandle {
  readonly id: string;
  /** The last that was seen of it. */
  readonly operation: Operation;
  /** Its metadata, the last that was seen; `{}` if none. For exec it holds secrets. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Resolves at a successful end, rejects with an LxdError otherwise. Aborting cancels the operation if LXD can. */
  wait(options?: Omit<OperationOptions, "busyTimeoutMs">): Promise<Operation>;
  /** Resolves at the end, also an unsuccessful one. */
  waitEnd(options?: Omit<OperationOptions, "busyTimeoutMs">): Promise<Operation>;
  /** `not-supported` if LXD cannot cancel it. */
  cancel(options?: CallOptions): Promise<void>;
}

export interface OperationsApi {
  list(options?: CallOptions): Promise<Operation[]>;
  /** `not-found` from five seconds after the end on. */
  get(id: string, options?: CallOptions): Promise<Operation>;
  /** Waits through the shared events connection, and polling where that is down; no request hangs for it. */
  wait(id: string, options?: Omit<OperationOptions, "busyTimeoutMs">): Promise<Operation>;
  cancel(id: string, options?: CallOptions): Promise<void>;
  /** Sends any request that LXD answers with an operation. `protocol` if it did not. */
  start(request: RequestSpec, options?: CallOptions): Promise<OperationHandle>;
}
