/**
 * The CRI server: binds a unix socket and connects gRPC with plain handlers. The socket file's mode, and removing a stale one
 * before, are the caller's business.
 */

import { setTimeout as sleep } from "node:timers/promises";
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import { InvalidArgumentError, UnavailableError, UnimplementedError } from "./errors.ts";
import type { CriHandlers, StreamingHandler, UnaryHandler } from "./handlers.ts";
import { closeGraceMs, messageBytesMax, socketPathBytesMax } from "./limits.ts";
import { type Method, methods } from "./methods.ts";
import { sendAll } from "./send-all.ts";
import type { RpcLog } from "./rpc-log.ts";
import { RunningCalls } from "./running-calls.ts";
import { type CallEnvironment, type Clock, encodeResponse, serveCall } from "./serve-call.ts";
import { grpcStatusOf, type MapError } from "./status.ts";

export interface CriServerOptions {
  handlers: CriHandlers;
  log: RpcLog;
  /** For durations in the log and `CallContext.deadline`; the machine's clock unless given. */
  clock?: Clock;
  /** Translates errors that are not CriErrors; what it does not know becomes Unknown with its message. */
  mapError?: MapError;
  /** Of requests and responses; 16 MiB, as the kubelet has it, unless given. */
  maxMessageBytes?: number;
}

export interface CriServer extends AsyncDisposable {
  /** Binds and serves. Resolves once bound; rejects if the path is taken or cannot be bound. */
  listen(socketPath: string): Promise<void>;
  /** Takes no more calls, ends streams (Unavailable) and resolves when all handlers have returned. Removes the socket file. */
  close(): Promise<void>;
  /** Ends all connections and calls at once; resolves a `close` under way. */
  destroy(): void;
}

export function createCriServer(options: CriServerOptions): CriServer {
  const running = new RunningCalls();
  const bytesMax = options.maxMessageBytes ?? messageBytesMax;
  const server = new Server({
    "grpc.max_receive_message_length": bytesMax,
    "grpc.max_send_message_length": bytesMax,
    // statistics of gRPC's own that nobody asks for, at a cost to each call
    "grpc.enable_channelz": 0,
  });
  const environment: CallEnvironment = {
    log: options.log,
    clock: options.clock ?? Date,
    mapError: options.mapError ?? (() => undefined),
    messageBytesMax: bytesMax,
    running,
  };
  for (const method of methods) register(server, method, handlerOf(options.handlers, method), environment);

  const destroyed = Promise.withResolvers<void>();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    running.abortStreams(new UnavailableError("the runtime is shutting down"));
    closed ??= Promise.race([finish(server, running), destroyed.promise]);
    return closed;
  };
  return {
    listen: (socketPath) => bind(server, socketPath),
    close,
    destroy: () => {
      running.abortAll(new UnavailableError("the runtime was shut down"));
      server.forceShutdown();
      destroyed.resolve();
    },
    [Symbol.asyncDispose]: close,
  };
}

function handlerOf(handlers: CriHandlers, method: Method): unknown {
  return (handlers as Record<string, unknown>)[method.key];
}

function register(server: Server, method: Method, handler: unknown, environment: CallEnvironment): void {
  const handle = method.responseStream
    ? streaming(method, (handler ?? unimplementedStream(method)) as StreamingHandler<unknown, unknown>, environment)
    : unary(method, (handler ?? unimplemented(method)) as UnaryHandler<unknown, unknown>, environment);
  server.register(method.path, handle, sameBytes, sameBytes, method.responseStream ? "serverStream" : "unary");
}

function sameBytes(bytes: Buffer): Buffer {
  return bytes;
}

function unary(
  method: Method,
  handler: UnaryHandler<unknown, unknown>,
  environment: CallEnvironment,
): UntypedHandleCall {
  return (wire: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>) => {
    serveCall(
      method,
      wire,
      environment,
      async (request, context) => encodeResponse(method, await handler(request, context), environment.messageBytesMax),
      (failure, response) => (failure === undefined ? send(null, response) : send(grpcStatusOf(failure))),
    );
  };
}

function streaming(
  method: Method,
  handler: StreamingHandler<unknown, unknown>,
  environment: CallEnvironment,
): UntypedHandleCall {
  return (wire: ServerWritableStream<Buffer, Buffer>) => {
    serveCall(
      method,
      wire,
      environment,
      (request, context) =>
        sendAll(handler(request, context), wire, context.signal, (message) =>
          encodeResponse(method, message, environment.messageBytesMax),
        ),
      (failure) => (failure === undefined ? wire.end() : wire.emit("error", grpcStatusOf(failure))),
    );
  };
}

function unimplemented(method: Method): UnaryHandler<unknown, unknown> {
  return () => Promise.reject(new UnimplementedError(`${method.name} is not implemented`));
}

function unimplementedStream(method: Method): StreamingHandler<unknown, unknown> {
  return () => {
    throw new UnimplementedError(`${method.name} is not implemented`);
  };
}

async function bind(server: Server, socketPath: string): Promise<void> {
  if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
    throw new InvalidArgumentError(`socket path longer than ${socketPathBytesMax} bytes: ${socketPath}`);
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(new UnavailableError(`cannot listen on ${socketPath}`, { cause: error })),
    );
  });
}

async function finish(server: Server, running: RunningCalls): Promise<void> {
  const connectionsEnded = shutDown(server);
  await running.idle();
  const enough = new AbortController();
  const grace = sleep(closeGraceMs, undefined, { signal: enough.signal }).then(() => server.forceShutdown());
  await Promise.race([connectionsEnded, grace]).finally(() => enough.abort());
  await running.idle();
}

async function shutDown(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.tryShutdown((error) => (error === undefined ? resolve() : reject(error)));
  });
}
