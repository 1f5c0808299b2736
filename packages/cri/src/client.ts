/** A CRI client with promises and async iterables: what conformance tools, benchmarks and the demo talk through. */

import {
  Client,
  type CallOptions,
  type ClientReadableStream,
  credentials,
  status as GrpcStatus,
  type StatusObject,
} from "@grpc/grpc-js";
import type { DeepPartial, MessageFns } from "./gen/api.ts";
import { messageBytesMax, reconnectBackoffMaxMs, reconnectBackoffMinMs } from "./limits.ts";
import {
  type Method,
  methods,
  type RequestOf,
  type ResponseOf,
  type StreamingMethodName,
  type UnaryMethodName,
} from "./methods.ts";
import { RpcError } from "./rpc-error.ts";

export interface CriClientOptions {
  /** For unary calls that name none; unbounded unless given. Streams have a deadline only if the call names one. */
  timeoutMs?: number;
  /** Of requests and responses; 16 MiB unless given. */
  maxMessageBytes?: number;
}

export interface CriCallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
}

type UnaryMethods = {
  [K in UnaryMethodName]: (request: DeepPartial<RequestOf<K>>, options?: CriCallOptions) => Promise<ResponseOf<K>>;
};

type StreamingMethods = {
  [K in StreamingMethodName]: (
    request: DeepPartial<RequestOf<K>>,
    options?: CriCallOptions,
  ) => AsyncIterable<ResponseOf<K>>;
};

interface ClientLifecycle extends AsyncDisposable {
  /** Resolves when connected; rejects with the last connection's failure when the time is up. */
  waitForReady(timeoutMs: number): Promise<void>;
  /** Ends the connection; calls under way fail. */
  close(): void;
}

/** All 43 RPCs by camel-case name. Calls reject with RpcError; a stream's call begins at once, not at the first read. */
export type CriClient = UnaryMethods & StreamingMethods & ClientLifecycle;

/** `target`: `unix:///run/lxe.sock`. Connects with the first call, and again after the server was away. */
export function createCriClient(target: string, options: CriClientOptions = {}): CriClient {
  const bytesMax = options.maxMessageBytes ?? messageBytesMax;
  const client = new Client(target, credentials.createInsecure(), {
    "grpc.max_receive_message_length": bytesMax,
    "grpc.max_send_message_length": bytesMax,
    "grpc.initial_reconnect_backoff_ms": reconnectBackoffMinMs,
    "grpc.max_reconnect_backoff_ms": reconnectBackoffMaxMs,
    // Clients of one socket share nothing: closing one, or its lost connection, is no other's concern.
    "grpc.use_local_subchannel_pool": 1,
  });
  const calls = methods.map((method) => [
    method.key,
    method.responseStream ? streamingCall(client, method) : unaryCall(client, method, options.timeoutMs),
  ]);
  const lifecycle: ClientLifecycle = {
    waitForReady: (timeoutMs) => waitForReady(client, timeoutMs),
    close: () => client.close(),
    [Symbol.asyncDispose]: async () => client.close(),
  };
  return { ...(Object.fromEntries(calls) as UnaryMethods & StreamingMethods), ...lifecycle };
}

function unaryCall(client: Client, method: Method, defaultTimeoutMs: number | undefined) {
  return async (request: object, { signal, timeoutMs = defaultTimeoutMs }: CriCallOptions = {}): Promise<unknown> => {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const call = client.makeUnaryRequest(
      method.path,
      encoderOf(method.requestType),
      decoderOf(method.responseType),
      request,
      callOptions(timeoutMs),
      (error, response) => (error === null ? resolve(response) : reject(new RpcError(method.name, error))),
    );
    const cancel = () => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    return promise.finally(() => signal?.removeEventListener("abort", cancel));
  };
}

function streamingCall(client: Client, method: Method) {
  return (request: object, { signal, timeoutMs }: CriCallOptions = {}): AsyncIterable<unknown> => {
    signal?.throwIfAborted();
    const stream = client.makeServerStreamRequest(
      method.path,
      encoderOf(method.requestType),
      decoderOf(method.responseType),
      request,
      callOptions(timeoutMs),
    );
    const cancel = () => stream.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const status = new Promise<StatusObject>((resolve) => stream.once("status", resolve));
    void status.then(() => signal?.removeEventListener("abort", cancel));
    // The status says the same, and is there even if nobody was reading when the call failed.
    stream.on("error", () => undefined);
    return messagesOf(stream, status, method);
  };
}

async function* messagesOf(
  stream: ClientReadableStream<unknown>,
  status: Promise<StatusObject>,
  method: Method,
): AsyncGenerator<unknown, void> {
  try {
    yield* stream;
  } catch {
    // Told below, from the status.
  } finally {
    stream.cancel();
  }
  const { code, details } = await status;
  if (code !== GrpcStatus.OK) throw new RpcError(method.name, { code, details });
}

function encoderOf(codec: MessageFns<unknown>) {
  return (partial: object): Buffer => Buffer.from(codec.encode(codec.fromPartial(partial)).finish());
}

function decoderOf(codec: MessageFns<unknown>) {
  return (bytes: Buffer): unknown => codec.decode(bytes);
}

function callOptions(timeoutMs: number | undefined): CallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

async function waitForReady(client: Client, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + timeoutMs, (error) => (error === undefined ? resolve() : reject(error)));
  });
}
