/** Decides the code of an error from what LXD, or the socket, said. The only place that reads LXD's error texts. */
import { isLxdError, LxdError, type LxdErrorCode } from "../errors.ts";
import { type Operation, StatusCode } from "../schema/index.ts";
import { abortError } from "./abort.ts";

/** The first that fits counts. LXD 5 sends most mistakes as 500 or as the text of an operation, so the text comes before the number. */
const texts: readonly (readonly [RegExp, LxdErrorCode])[] = [
  [/etag doesn't match/i, "conflict"],
  [/is busy running a|matching non-reusable operation/i, "busy"],
  [/(daemon|lxd|incus) (is )?(setup in progress|shutting down|starting up)/i, "unavailable"],
  [/already exists|UNIQUE constraint failed/i, "already-exists"],
  [/already running|^(the )?instance is running/i, "already-running"],
  [/already stopped/i, "already-stopped"],
  [/(isn't|is not|not) running|instance is frozen/i, "not-running"],
  [/currently in use/i, "in-use"],
  [/can't be cancelled/i, "not-supported"],
  [/^(open|stat|lstat) \S*: no such file or directory/i, "not-found"],
  [/not found|no such object|not provided for instance creation/i, "not-found"],
];

const statuses: Readonly<Record<number, LxdErrorCode>> = {
  400: "invalid",
  401: "forbidden",
  403: "forbidden",
  404: "not-found",
  405: "not-supported",
  408: "timeout",
  409: "already-exists",
  412: "conflict",
  413: "invalid",
  423: "busy",
  501: "not-supported",
  503: "unavailable",
  504: "timeout",
};

/** These say it all: no text changes their meaning. */
const decisiveStatuses = new Set([401, 403, 404, 412, 501]);

/** An error envelope, or an HTTP status without one. */
export function errorFromReply(request: string, httpStatus: number, lxdMessage: string): LxdError {
  const code = codeOfReply(httpStatus, lxdMessage);
  return new LxdError(code, `${request}: ${lxdMessage || `HTTP ${httpStatus}`}`, { request, httpStatus, lxdMessage });
}

function codeOfReply(httpStatus: number, text: string): LxdErrorCode {
  if (decisiveStatuses.has(httpStatus)) return statuses[httpStatus] ?? "failed";
  return codeOfText(text) ?? statuses[httpStatus] ?? "failed";
}

/** An operation that ended otherwise than well. */
export function errorFromOperation(request: string, operation: Operation): LxdError {
  const lxdMessage = operation.err || operation.status;
  return new LxdError(codeOfOperation(operation), `${request}: ${lxdMessage}`, {
    request,
    lxdMessage,
    httpStatus: operation.err_code || undefined,
  });
}

function codeOfOperation(operation: Operation): LxdErrorCode {
  if (operation.status_code === StatusCode.cancelled) return "cancelled";
  return codeOfText(operation.err) ?? statuses[operation.err_code ?? 0] ?? "failed";
}

function codeOfText(text: string): LxdErrorCode | undefined {
  return texts.find(([pattern]) => pattern.test(text))?.[1];
}

const systemCodes: Readonly<Record<string, LxdErrorCode>> = {
  EACCES: "forbidden",
  EPERM: "forbidden",
  ECONNREFUSED: "unavailable",
  ECONNRESET: "unavailable",
  ENOENT: "unavailable",
  ENOTSOCK: "unavailable",
  ENOTFOUND: "unavailable",
  EAI_AGAIN: "unavailable",
  EAGAIN: "unavailable",
  EPIPE: "unavailable",
  EHOSTUNREACH: "unavailable",
  ENETUNREACH: "unavailable",
  ETIMEDOUT: "unavailable",
  UND_ERR_SOCKET: "unavailable",
  UND_ERR_CONNECT_TIMEOUT: "unavailable",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "protocol",
  UND_ERR_CLOSED: "closed",
  UND_ERR_DESTROYED: "closed",
};

/** What was thrown below HTTP. */
export function errorFromTransport(request: string, cause: unknown, signal: AbortSignal | undefined): LxdError {
  if (isLxdError(cause)) return cause;
  if (signal?.aborted) return abortError(signal, request);
  const code = codeOfSystemError(cause);
  return new LxdError(code, `${request}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    request,
    cause,
  });
}

function codeOfSystemError(cause: unknown): LxdErrorCode {
  const code = systemCode(cause);
  if (code?.startsWith("HPE_")) return "protocol";
  return systemCodes[code ?? ""] ?? "failed";
}

/** A connection that was kept alive can be stale, so that the request never reached LXD. */
export function mayBeStaleConnection(cause: unknown): boolean {
  return ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(systemCode(cause) ?? "");
}

function systemCode(cause: unknown): string | undefined {
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return undefined;
  return typeof cause.code === "string" ? cause.code : undefined;
}
