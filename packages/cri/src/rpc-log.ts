/**
 * What is said about a call: its method, status and duration. Never a message's content: requests hold registry credentials
 * (the fields marked debug_redact) and the secrets of pods.
 */

import { status as GrpcStatus } from "@grpc/grpc-js";

type Write = (fields: Record<string, unknown>, message: string) => void;

/** The part of a pino logger that this package uses. */
export interface RpcLog {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}

/** Answered calls are routine, a kubelet makes several each second; some failures are the caller's affair, others ours. */
export function logLevelOf(code: GrpcStatus): keyof RpcLog {
  switch (code) {
    case GrpcStatus.OK:
      return "debug";
    case GrpcStatus.UNKNOWN:
    case GrpcStatus.INTERNAL:
      return "error";
    case GrpcStatus.DEADLINE_EXCEEDED:
    case GrpcStatus.RESOURCE_EXHAUSTED:
      return "warn";
    default:
      return "info";
  }
}
