/**
 * The failures that a CRI caller can tell apart, one class and one stable code each. Whoever handles an RPC throws these; what
 * they are on the wire is `status.ts`'s business alone.
 */

const brand: unique symbol = Symbol.for("lxe.cri.error");

export type CriErrorCode =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE";

export interface CriErrorOptions {
  /** What made this happen; kept for logs, never sent. */
  cause?: unknown;
}

export abstract class CriError extends Error {
  abstract readonly code: CriErrorCode;

  constructor(message: string, options?: CriErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  get [brand](): true {
    return true;
  }

  /** By brand and code, so that `instanceof` holds across two copies of this package in one bundle. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this === CriError) return isCriError(value);
    if (!Object.hasOwn(this, "code")) return Function.prototype[Symbol.hasInstance].call(this, value);
    return isCriError(value) && "code" in this && value.code === this.code;
  }
}

/** Whether this is one of the classes below, of whatever copy of this package. */
export function isCriError(value: unknown): value is CriError {
  return typeof value === "object" && value !== null && brand in value;
}

/** The object asked for does not exist. The kubelet takes it as "already gone". */
export class NotFoundError extends CriError {
  static readonly code = "NOT_FOUND";
  readonly code = NotFoundError.code;
}

/** The request makes no sense, whatever the state of the node. */
export class InvalidArgumentError extends CriError {
  static readonly code = "INVALID_ARGUMENT";
  readonly code = InvalidArgumentError.code;
}

/** The name is taken by another object. */
export class AlreadyExistsError extends CriError {
  static readonly code = "ALREADY_EXISTS";
  readonly code = AlreadyExistsError.code;
}

/** The request makes sense, but not in the object's present state. */
export class FailedPreconditionError extends CriError {
  static readonly code = "FAILED_PRECONDITION";
  readonly code = FailedPreconditionError.code;
}

/** Not now: try again. */
export class UnavailableError extends CriError {
  static readonly code = "UNAVAILABLE";
  readonly code = UnavailableError.code;
}

/** Time was up, the caller's or that of a command. */
export class DeadlineExceededError extends CriError {
  static readonly code = "DEADLINE_EXCEEDED";
  readonly code = DeadlineExceededError.code;
}

/** The caller went away. */
export class CancelledError extends CriError {
  static readonly code = "CANCELLED";
  readonly code = CancelledError.code;
}

/** A limit was hit: message size, disk, number of open requests. */
export class ResourceExhaustedError extends CriError {
  static readonly code = "RESOURCE_EXHAUSTED";
  readonly code = ResourceExhaustedError.code;
}

/** This runtime does not do that. Callers fall back for good. */
export class UnimplementedError extends CriError {
  static readonly code = "UNIMPLEMENTED";
  readonly code = UnimplementedError.code;
}

/** A mistake in this program. */
export class InternalError extends CriError {
  static readonly code = "INTERNAL";
  readonly code = InternalError.code;
}

/** None of the others; the message is all that callers get. */
export class UnknownError extends CriError {
  static readonly code = "UNKNOWN";
  readonly code = UnknownError.code;
}
