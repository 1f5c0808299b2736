/** Errors of the LXD client as errors of the CRI. */

import {
  AlreadyExistsError,
  CancelledError,
  type CriError,
  DeadlineExceededError,
  FailedPreconditionError,
  InvalidArgumentError,
  NotFoundError,
  UnavailableError,
  UnimplementedError,
  UnknownError,
} from "@lxe/cri";
import { isLxdError, type LxdErrorCode } from "@lxe/lxd-client";

type ErrorClass = new (message: string, options?: { cause?: unknown }) => CriError;

const CLASSES: Readonly<Partial<Record<LxdErrorCode, ErrorClass>>> = {
  "not-found": NotFoundError,
  "already-exists": AlreadyExistsError,
  "already-running": FailedPreconditionError,
  "already-stopped": FailedPreconditionError,
  "not-running": FailedPreconditionError,
  "in-use": FailedPreconditionError,
  conflict: UnavailableError,
  busy: UnavailableError,
  unavailable: UnavailableError,
  "operation-lost": UnavailableError,
  closed: UnavailableError,
  invalid: InvalidArgumentError,
  "not-supported": UnimplementedError,
  cancelled: CancelledError,
  timeout: DeadlineExceededError,
};

export function mapLxdError(error: unknown): CriError | undefined {
  if (!isLxdError(error)) return undefined;
  return new (CLASSES[error.code] ?? UnknownError)(`LXD: ${error.message}`, { cause: error });
}
