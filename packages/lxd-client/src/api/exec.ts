import type { Readable, Writable } from "node:stream";

export interface ExecOptions {
  command: readonly string[];
  /** On top of the instance's `environment.*`; LXD adds PATH, LANG and, for root, HOME and USER. */
  environment?: Readonly<Record<string, string>> | undefined;
  user?: number | undefined;
  group?: number | undefined;
  /** One that does not exist silently becomes `/`. */
  cwd?: string | undefined;
  /** A terminal: stdout and stderr come as one stream. */
  interactive?: boolean | undefined;
  /** Columns and rows of the terminal. */
  width?: number | undefined;
  height?: number | undefined;
}

export interface ExecExit {
  /** 128+n for signal n. 127 and 126 with an `error`: LXD could not find or execute the command. */
  code: number;
  /** LXD's words when the command did not start. */
  error?: string;
}

/** A running command. Streams apply backpressure in both directions. */
export interface ExecSession extends AsyncDisposable {
  readonly id: string;
  /**
   * `end()` is end-of-file for the command; on a terminal nothing is sent, as terminals have no end. What is written after the
   * command's end is dropped.
   */
  readonly stdin: Writable;
  /** Ends after the last byte. Closing or aborting the session destroys it; destroying it lets the command write into the void. */
  readonly stdout: Readable;
  /** Empty on a terminal. */
  readonly stderr: Readable;
  /**
   * The end of the command. With LXD 5.0 this waits for every process that holds stdout or stderr. Rejects when LXD was lost, or
   * the session was closed or aborted. May be ignored: an unhandled rejection is never raised for it.
   */
  readonly exit: Promise<ExecExit>;
  /** `not-running` after the end, or when there is no terminal. */
  resize(width: number, height: number): Promise<void>;
  /** Sends a signal to the command itself, not to its children. `not-running` after the end. */
  signal(signal: number): Promise<void>;
  /** Ends the session; LXD kills the command if it still runs. Idempotent. */
  close(): Promise<void>;
}

export interface ExecCaptureOptions extends Omit<ExecOptions, "interactive" | "width" | "height"> {
  /** Given to the command, then end-of-file. Default: nothing. */
  stdin?: string | Uint8Array | undefined;
  /** Kept of stdout and of stderr each; the rest is read and dropped. Default 16 MiB. */
  maxBytes?: number | undefined;
}

export interface ExecResult extends ExecExit {
  stdout: Buffer;
  stderr: Buffer;
  /** True if either was longer than `maxBytes`. */
  truncated: boolean;
}

export interface ConsoleOptions {
  width?: number | undefined;
  height?: number | undefined;
  /** Incus: take over from another client. */
  force?: boolean | undefined;
}

export interface ConsoleSession extends AsyncDisposable {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when the session is over, for whatever reason. */
  readonly closed: Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** Detaches; the instance goes on. Idempotent. */
  close(): Promise<void>;
}
