/**
 * What a runtime sees of an exec, an attach or a port-forward: streams, whatever the wire below is. How bytes travel is the
 * business of `spdy/` and `websocket/`; what they mean that of the handlers.
 *
 * All streams honour backpressure both ways: a reader that stops stalls its client, a client that stops stalls the writer.
 * None crashes the process for want of an "error" listener. When the client goes away, stdin and the reading side of
 * forwarded connections end (what arrived before can still be read), writes fail, and the signal given to the handler aborts.
 */

import type { Duplex, Readable, Writable } from "node:stream";

/** Columns and rows, each 1..65535. */
export interface TerminalSize {
  width: number;
  height: number;
}

/**
 * How a command ended. Exit codes are 0..255, 128+n for signal n. Any `error` is told to the user as an internal error with its
 * message.
 */
export type CommandEnd = { exitCode: number } | { error: unknown };

export interface CommandSession {
  /** Present if the request asked for it. Its end is the end of input, or that the client has gone. */
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Present for a terminal. The latest size only: sizes that nobody took are replaced. Can be iterated once. */
  readonly resize?: AsyncIterable<TerminalSize>;
  /**
   * Ends stdout and stderr, says how the command ended, and closes the connection. Everything written before is delivered first.
   * Resolves when it is handed to the network or the client has gone; never rejects. Only the first call counts.
   */
  finish(end: CommandEnd): Promise<void>;
}

/** A handler that returns without `finish` has failed. */
export type ExecSession = CommandSession;

/** The exit code is not told to those attached. A handler that returns without `finish` ends with success. */
export type AttachSession = CommandSession;

/** One forwarded connection. */
export interface PortForwardPair {
  /** In the pod, 1..65535. */
  readonly port: number;
  /** The client's side of the connection. Ends and is ended in halves; destroying it resets it. */
  readonly data: Duplex;
  /** Text for the user. `finish` writes it. */
  readonly error: Writable;
  /**
   * Ends both streams; or, with a failure, tells its message and resets both. Resolves when handed to the network or the client
   * has gone; never rejects. Only the first call counts.
   */
  finish(failure?: unknown): Promise<void>;
}

/** Forwarded connections as the client opens them; ends when the client goes away. Can be iterated once. */
export type PortForwardSession = AsyncIterable<PortForwardPair>;
