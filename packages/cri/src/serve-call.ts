/**
 * What happens around every handler, unary or streaming, and nowhere else: decoding, deadline and cancellation, mapping of
 * errors, timing and the log line. A call is over when its caller has an answer or has left; its handler may need longer to
 * notice.
 */

import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { status as GrpcStatus } from "@grpc/grpc-js";
import {
  CancelledError,
  type CriError,
  DeadlineExceededError,
  InternalError,
  ResourceExhaustedError,
} from "./errors.ts";
import type { CallContext } from "./handlers.ts";
import { deadlineToleranceMs } from "./limits.ts";
import { keptEncoderOf } from "./kept-encoding.ts";
import type { Method } from "./methods.ts";
import { logLevelOf, type RpcLog } from "./rpc-log.ts";
import type { RunningCalls } from "./running-calls.ts";
import { grpcCodeName, grpcStatusOf, type MapError, toCriError } from "./status.ts";

/** Milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

export interface CallEnvironment {
  log: RpcLog;
  clock: Clock;
  mapError: MapError;
  messageBytesMax: number;
  running: RunningCalls;
}

/** Messages cross gRPC as bytes, so that what cannot be decoded, encoded or sent fails here like everything else. */
export type WireCall = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** Answers one call; resolves with how it went, for the wire. `answer` gets the decoded request. */
export async function serveCall(
  method: Method,
  wire: WireCall,
  environment: CallEnvironment,
  answer: (request: unknown, context: CallContext) => Promise<void>,
): Promise<CriError | undefined> {
  const startedAt = environment.clock.now();
  const abort = new AbortController();
  const leave = () => abort.abort(reasonToLeave(method, wire));
  wire.once("cancelled", leave);
  const handled = handle(method, wire, abort.signal, environment, answer);
  const ended = handled.catch((error: unknown) => logLateFailure(error, method, abort.signal, environment));
  environment.running.add({
    stream: method.responseStream,
    abort: (reason) => abort.abort(reason),
    ended,
  });
  const failure = await failureOf(Promise.race([handled, rejectOnAbort(abort.signal)]), environment.mapError);
  // gRPC says "cancelled" after every answer too: that must not abort what a handler does in the background.
  wire.off("cancelled", leave);
  logCall(method, environment.clock.now() - startedAt, failure, environment.log);
  return failure;
}

async function handle(
  method: Method,
  wire: WireCall,
  signal: AbortSignal,
  environment: CallEnvironment,
  answer: (request: unknown, context: CallContext) => Promise<void>,
): Promise<void> {
  await answer(decodeRequest(method, wire.request), contextOf(method, wire, signal, environment.clock));
}

function contextOf(method: Method, wire: WireCall, signal: AbortSignal, clock: Clock): CallContext {
  const leftMs = wireDeadline(wire) - Date.now();
  return {
    method: method.name,
    signal,
    ...(Number.isFinite(leftMs) ? { deadline: clock.now() + leftMs } : {}),
    metadata: textMetadata(wire),
  };
}

/** gRPC's own timers run on the machine's clock, whatever clock handlers are given. */
function wireDeadline(wire: WireCall): number {
  return Number(wire.getDeadline());
}

function textMetadata(wire: WireCall): Record<string, string> {
  const entries = Object.entries(wire.metadata.getMap());
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function reasonToLeave(method: Method, wire: WireCall): CriError {
  return Date.now() >= wireDeadline(wire) - deadlineToleranceMs
    ? new DeadlineExceededError(`${method.name}: deadline exceeded`)
    : new CancelledError(`${method.name}: cancelled by the caller`);
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as CriError), { once: true });
  });
}

async function failureOf(outcome: Promise<void>, mapError: MapError): Promise<CriError | undefined> {
  try {
    await outcome;
    return undefined;
  } catch (error) {
    return toCriError(error, mapError);
  }
}

function decodeRequest(method: Method, bytes: Buffer): unknown {
  try {
    return method.requestType.decode(bytes);
  } catch (error) {
    throw new InternalError(`${method.name}: the request cannot be decoded`, { cause: error });
  }
}

/** Bytes for the wire. Throws an InternalError or a ResourceExhaustedError. */
export function encodeResponse(method: Method, response: unknown, messageBytesMax: number): Buffer {
  const bytes = encode(method, response);
  if (bytes.byteLength > messageBytesMax) {
    throw new ResourceExhaustedError(
      `${method.name}: the response has ${bytes.byteLength} bytes, more than the ${messageBytesMax} that fit a message`,
    );
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function encode(method: Method, response: unknown): Uint8Array {
  try {
    return keptEncoderOf(method.key)?.(response) ?? method.responseType.encode(response).finish();
  } catch (error) {
    throw new InternalError(`${method.name}: the response cannot be encoded`, { cause: error });
  }
}

function logCall(method: Method, ms: number, failure: CriError | undefined, log: RpcLog): void {
  const code = failure === undefined ? GrpcStatus.OK : grpcStatusOf(failure).code;
  const fields = { method: method.name, code: grpcCodeName(code), ms };
  log[logLevelOf(code)](failure === undefined ? fields : { ...fields, err: failure }, "rpc");
}

/** A failure that nobody is there to be told, other than the handler's giving up because of the abort itself. */
function logLateFailure(error: unknown, method: Method, signal: AbortSignal, environment: CallEnvironment): void {
  if (!signal.aborted || error === signal.reason || isAbortError(error)) return;
  environment.log.info({ method: method.name, err: error }, "rpc failed after its caller had left");
}

function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
