/** The only place that knows which gRPC status an error becomes. */

import { status as GrpcStatus } from "@grpc/grpc-js";
import { type CriError, type CriErrorCode, isCriError, UnknownError } from "./errors.ts";
import { statusMessageCharsMax } from "./limits.ts";

const grpcCodes: Readonly<Record<CriErrorCode, GrpcStatus>> = {
  CANCELLED: GrpcStatus.CANCELLED,
  UNKNOWN: GrpcStatus.UNKNOWN,
  INVALID_ARGUMENT: GrpcStatus.INVALID_ARGUMENT,
  DEADLINE_EXCEEDED: GrpcStatus.DEADLINE_EXCEEDED,
  NOT_FOUND: GrpcStatus.NOT_FOUND,
  ALREADY_EXISTS: GrpcStatus.ALREADY_EXISTS,
  RESOURCE_EXHAUSTED: GrpcStatus.RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION: GrpcStatus.FAILED_PRECONDITION,
  UNIMPLEMENTED: GrpcStatus.UNIMPLEMENTED,
  INTERNAL: GrpcStatus.INTERNAL,
  UNAVAILABLE: GrpcStatus.UNAVAILABLE,
};

/** Translates the errors of other packages; `undefined` for those it does not know. */
export type MapError = (error: unknown) => CriError | undefined;

/** What a handler threw, as one of our own errors: itself, what `mapError` makes of it, or an UnknownError with its message. */
export function toCriError(error: unknown, mapError: MapError): CriError {
  if (isCriError(error)) return error;
  return mapError(error) ?? new UnknownError(error instanceof Error ? error.message : String(error), { cause: error });
}

/** The status for the wire. Its message is bounded, and free of half characters, which headers cannot carry. */
export function grpcStatusOf(error: CriError): { code: GrpcStatus; details: string } {
  return { code: grpcCodes[error.code], details: error.message.slice(0, statusMessageCharsMax).toWellFormed() };
}

/** `5` -> `NOT_FOUND`. */
export function grpcCodeName(code: number): string {
  return GrpcStatus[code] ?? `CODE_${code}`;
}
