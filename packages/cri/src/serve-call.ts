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
import type { RunningCall, RunningCalls } from "./running-calls.ts";
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

/**
 * Answers one call. `answer` gets the decoded request. `finish` is told once how it went, for the wire, as soon as the caller is
 * to know; what `answer` still does then is waited for by `environment.running`.
 */
export function serveCall<Response>(
  method: Method,
  wire: WireCall,
  environment: CallEnvironment,
  answer: Answer<Response>,
  finish: Finish<Response>,
): void {
  void new ServedCall(method, wire, environment, finish).serve(answer);
}

type Answer<Response> = (request: unknown, context: CallContext) => Promise<Response>;

/** Without a failure there is what `answer` resolved with. */
type Finish<Response> = (failure: CriError | undefined, response?: Response) => void;

/**
 * A kubelet makes thousands of calls for one that it leaves: there is a signal, and headers are read, only for handlers that look
 * at them, and no promise but that of the handler.
 */
class ServedCall<Response> implements CallContext, RunningCall {
  readonly method: string;
  readonly deadline: number | undefined;
  readonly #method: Method;
  readonly #wire: WireCall;
  readonly #environment: CallEnvironment;
  readonly #finish: Finish<Response>;
  readonly #startedAt: number;
  #isFinished = false;
  #left: CriError | undefined;
  #controller: AbortController | undefined;

  constructor(method: Method, wire: WireCall, environment: CallEnvironment, finish: Finish<Response>) {
    this.method = method.name;
    this.#method = method;
    this.#wire = wire;
    this.#environment = environment;
    this.#finish = finish;
    this.#startedAt = environment.clock.now();
    const leftMs = wireDeadline(wire) - Date.now();
    this.deadline = Number.isFinite(leftMs) ? this.#startedAt + leftMs : undefined;
  }

  get isStream(): boolean {
    return this.#method.responseStream;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#left !== undefined) this.#controller.abort(this.#left);
    }
    return this.#controller.signal;
  }

  get metadata(): Record<string, string> {
    const entries = Object.entries(this.#wire.metadata.getMap());
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  }

  async serve(answer: Answer<Response>): Promise<void> {
    const { running } = this.#environment;
    running.add(this);
    // gRPC says "cancelled" after every answer too
    this.#wire.once("cancelled", () => this.#isFinished || this.abort(reasonToLeave(this.#method, this.#wire)));
    try {
      this.#end(undefined, await answer(decodeRequest(this.#method, this.#wire.request), this));
    } catch (error) {
      if (this.#isFinished) this.#logLateFailure(error);
      else this.#end(toCriError(error, this.#environment.mapError));
    } finally {
      running.delete(this);
    }
  }

  /** Nobody waits for an answer any more. Nothing is aborted that a handler does in the background after it. */
  abort(reason: CriError): void {
    this.#left ??= reason;
    this.#controller?.abort(this.#left);
    this.#end(this.#left);
  }

  #end(failure: CriError | undefined, response?: Response): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    logCall(this.#method, this.#environment.clock.now() - this.#startedAt, failure, this.#environment.log);
    this.#finish(failure, response);
  }

  /** A failure that nobody is there to be told, other than the handler's giving up because of the abort itself. */
  #logLateFailure(error: unknown): void {
    if (this.#left !== undefined && (error === this.#left || isAbortError(error))) return;
    const what =
      this.#left === undefined ? "the answer to an rpc was not sent" : "rpc failed after its caller had left";
    this.#environment.log.info({ method: this.method, err: error }, what);
  }
}

/** gRPC's own timers run on the machine's clock, whatever clock handlers are given. */
function wireDeadline(wire: WireCall): number {
  return Number(wire.getDeadline());
}

function reasonToLeave(method: Method, wire: WireCall): CriError {
  return Date.now() >= wireDeadline(wire) - deadlineToleranceMs
    ? new DeadlineExceededError(`${method.name}: deadline exceeded`)
    : new CancelledError(`${method.name}: cancelled by the caller`);
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
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
