/**
 * The one error type of this package. Callers match on `code`; the text is for people.
 *
 * Owns: codes, and what an error remembers. Does not own: deciding a code from LXD's answers (`classify.ts`).
 * An error never holds a request body, a header, or a query: those can carry environments and websocket secrets.
 */

/**
 * - `not-found`: no such object.
 * - `already-exists`: the name is taken.
 * - `conflict`: the ETag did not match (412).
 * - `busy`: another operation on the instance is under way; was retried until the deadline.
 * - `unavailable`: LXD cannot be reached, is starting or shutting down.
 * - `invalid`: LXD refused the request's content.
 * - `forbidden`: not trusted, or not allowed.
 * - `not-running`, `already-running`, `already-stopped`: the instance is in the wrong state.
 * - `in-use`: cannot be removed or changed while something uses it.
 * - `not-supported`: this server does not have the method or extension.
 * - `cancelled`: the caller's signal, or someone else, cancelled it.
 * - `timeout`: a time limit of the caller or of this client passed.
 * - `operation-lost`: LXD forgot the operation before its end was seen (it restarted, or was unreachable for long): re-read the object.
 * - `protocol`: the answer was not LXD's protocol.
 * - `closed`: this client was closed.
 * - `failed`: anything else that LXD reports.
 */
export type LxdErrorCode =
  | "not-found"
  | "already-exists"
  | "conflict"
  | "busy"
  | "unavailable"
  | "invalid"
  | "forbidden"
  | "not-running"
  | "already-running"
  | "already-stopped"
  | "in-use"
  | "not-supported"
  | "cancelled"
  | "timeout"
  | "operation-lost"
  | "protocol"
  | "closed"
  | "failed";

export interface LxdErrorDetails {
  /** HTTP status (or `error_code`) that LXD answered. */
  httpStatus?: number | undefined;
  /** e.g. `POST /1.0/instances`; no query. */
  request?: string | undefined;
  /** What LXD said, unchanged. */
  lxdMessage?: string | undefined;
  cause?: unknown;
}

const brand: unique symbol = Symbol.for("@lxe/lxd-client/LxdError");

export class LxdError extends Error {
  override readonly name: string = "LxdError";
  readonly code: LxdErrorCode;
  readonly httpStatus: number | undefined;
  readonly request: string | undefined;
  readonly lxdMessage: string | undefined;

  constructor(code: LxdErrorCode, message: string, details: LxdErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.httpStatus = details.httpStatus;
    this.request = details.request;
    this.lxdMessage = details.lxdMessage;
  }

  get [brand](): true {
    return true;
  }
}

/** True for an LxdError, also one of another copy of this package; with codes: true if it has one of them. */
export function isLxdError(value: unknown, ...codes: LxdErrorCode[]): value is LxdError {
  if (typeof value !== "object" || value === null || !(brand in value)) return false;
  return codes.length === 0 || codes.includes((value as LxdError).code);
}
