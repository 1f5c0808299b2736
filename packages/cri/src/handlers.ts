/** What whoever implements RPCs writes: plain functions from messages to messages, with no gRPC in them. */

import type { RequestOf, ResponseOf, StreamingMethodName, UnaryMethodName } from "./methods.ts";

export interface CallContext {
  /** The RPC's name in the protocol: `RunPodSandbox`. */
  method: string;
  /**
   * Aborts when nobody waits for the answer any more. Its reason is a DeadlineExceededError, a CancelledError (the caller went
   * away) or an UnavailableError (the server is closing).
   */
  signal: AbortSignal;
  /** When the caller's patience ends, in milliseconds since the epoch; undefined if it has no end. */
  deadline?: number | undefined;
  /** Request headers, lower-case names; binary ones are left out. */
  metadata: Readonly<Record<string, string>>;
}

export type UnaryHandler<Request, Response> = (request: Request, call: CallContext) => Promise<Response>;

/** The next message is pulled only when the one before it is sent. The iterable must end when the signal aborts. */
export type StreamingHandler<Request, Response> = (request: Request, call: CallContext) => AsyncIterable<Response>;

/**
 * A handler per RPC, by its camel-case name. Those left out answer Unimplemented. ListContainers and ListPodSandbox are cheap
 * for items that are the same objects as in the list before; these must not be changed any more.
 */
export type CriHandlers = {
  [K in UnaryMethodName]?: UnaryHandler<RequestOf<K>, ResponseOf<K>>;
} & {
  [K in StreamingMethodName]?: StreamingHandler<RequestOf<K>, ResponseOf<K>>;
};
