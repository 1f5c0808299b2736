/** What a client throws. */

import type { ServiceError } from "@grpc/grpc-js";
import { grpcCodeName } from "./status.ts";

/** A call that did not succeed, with the status the server gave or the client's own (Unavailable, DeadlineExceeded, Cancelled). */
export class RpcError extends Error {
  /** The RPC's name in the protocol. */
  readonly method: string;
  /** gRPC's number: 5. */
  readonly grpcCode: number;
  /** gRPC's name for it: `NOT_FOUND`. */
  readonly codeName: string;

  /** The message is the server's, without any prefix. */
  constructor(method: string, error: Pick<ServiceError, "code" | "details">) {
    super(error.details, { cause: error });
    this.name = "RpcError";
    this.method = method;
    this.grpcCode = error.code;
    this.codeName = grpcCodeName(error.code);
  }
}
