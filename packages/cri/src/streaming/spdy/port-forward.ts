/** A port-forward client on SPDY: pairs the data and error streams that belong together. */

import type { StreamingClock } from "../clock.ts";
import { Feed } from "../feed.ts";
import { portForwardStreamsMax } from "../limits.ts";
import { ChannelPair, type PortForwardTransport } from "../port-forward-pair.ts";
import type { UpgradedSocket } from "../upgraded-socket.ts";
import { SpdyConnection } from "./connection.ts";
import { type RstStatus, rstStatus } from "./frame.ts";
import type { SpdyHeaders } from "./header-block.ts";
import type { SpdyStream } from "./spdy-stream.ts";

export const portForwardProtocol = "portforward.k8s.io";

export interface PortForwardOptions {
  clock: StreamingClock;
  idleTimeoutMs: number;
  streamCreationTimeoutMs: number;
}

export function openSpdyPortForward(upgraded: UpgradedSocket, options: PortForwardOptions): PortForwardTransport {
  const pairs = new Feed<ChannelPair>(portForwardStreamsMax, (pair) => void pair.finish("port-forward has ended"));
  const pairing = new Pairing(options, (pair) => pairs.push(pair));
  const connection = new SpdyConnection(upgraded.socket, {
    clock: options.clock,
    idleTimeoutMs: options.idleTimeoutMs,
    streamsMax: portForwardStreamsMax,
    refuse: refusal,
    onStream: (stream) => pairing.add(stream),
  });
  void connection.closed.then(() => pairs.end());
  connection.start(upgraded.head);
  return {
    session: pairs,
    signal: connection.signal,
    close: () => {
      pairs.end();
      return connection.close();
    },
    destroy: (reason) => connection.destroy(reason),
  };
}

type Role = "data" | "error";

function roleOf(headers: SpdyHeaders): Role | undefined {
  const role = headers.get("streamtype");
  return role === "data" || role === "error" ? role : undefined;
}

/** The port that a stream is for; `undefined` for what is none. */
export function portOf(headers: SpdyHeaders): number | undefined {
  const text = headers.get("port") ?? "";
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function refusal(headers: SpdyHeaders): RstStatus | undefined {
  return roleOf(headers) === undefined || portOf(headers) === undefined ? rstStatus.cancel : undefined;
}

interface HalfPair {
  role: Role;
  stream: SpdyStream;
  timer: { cancel(): void };
}

class Pairing {
  readonly #waiting = new Map<string, HalfPair>();
  readonly #options: PortForwardOptions;
  readonly #onPair: (pair: ChannelPair) => void;

  constructor(options: PortForwardOptions, onPair: (pair: ChannelPair) => void) {
    this.#options = options;
    this.#onPair = onPair;
  }

  add(stream: SpdyStream): void {
    const role = roleOf(stream.headers);
    const port = portOf(stream.headers);
    if (role === undefined || port === undefined) return;
    const key = keyOf(stream, role);
    const half = this.#waiting.get(key);
    if (half === undefined) this.#wait(key, { role, stream });
    else if (half.role === role) fail({ role, stream }, `${role} stream exists already for request ${key}`);
    else this.#complete(key, port, half, stream);
  }

  #wait(key: string, first: { role: Role; stream: SpdyStream }): void {
    const timer = this.#options.clock.setTimeout(() => {
      this.#forget(key);
      fail(first, "timed out waiting for streams");
    }, this.#options.streamCreationTimeoutMs);
    this.#waiting.set(key, { ...first, timer });
    first.stream.once("close", () => {
      if (this.#waiting.get(key)?.stream === first.stream) this.#forget(key);
    });
    // So that the loss of a stream that nobody reads yet is noticed.
    if (first.role === "error") first.stream.discard();
  }

  #forget(key: string): void {
    this.#waiting.get(key)?.timer.cancel();
    this.#waiting.delete(key);
  }

  #complete(key: string, port: number, half: HalfPair, stream: SpdyStream): void {
    this.#forget(key);
    const [data, error] = half.role === "error" ? [stream, half.stream] : [half.stream, stream];
    this.#onPair(new ChannelPair(port, data, error));
  }
}

/** Very old clients number no requests, but open the error stream right before the data stream. */
function keyOf(stream: SpdyStream, role: Role): string {
  const requestId = stream.headers.get("requestid");
  if (requestId !== undefined) return requestId;
  return String(role === "error" ? stream.id : stream.id - 2);
}

function fail({ role, stream }: { role: Role; stream: SpdyStream }, text: string): void {
  if (role === "error") stream.end(text, () => stream.destroy());
  else stream.destroy();
}
