/** What a log pump is to the rest of lxe; `openLogPump` makes one. */
import type { Clock } from "../platform/clock.ts";
import type { HostFiles } from "../platform/host-files.ts";
import type { Logger } from "../platform/logger.ts";
import type { LogLimits } from "../limits.ts";
import type { StreamName } from "./stream.ts";

export interface LogPumpOptions {
  /** Host directory with the files `stdout` and `stderr` that the app appends to. */
  readonly directory: string;
  /** File for the pump's offsets; removed by whoever removes the container. */
  readonly statePath: string;
  /** The CRI log file. Undefined: output is consumed and dropped. */
  readonly logPath: string | undefined;
  readonly clock: Clock;
  readonly files: HostFiles;
  readonly log: Logger;
  /** Default: `LOG_LIMITS`. */
  readonly limits?: LogLimits;
}

/** Gets the bytes as the app wrote them, in order for each stream. Must copy what it keeps. */
export type OutputListener = (stream: StreamName, bytes: Uint8Array) => void;

export interface LogPump {
  /**
   * Creates the log file (0640, with its directory), takes up where an earlier pump ended, and follows from then on.
   * Rejects when the log cannot be opened; then the pump goes on trying until it is closed.
   */
  start(): Promise<void>;
  /**
   * Resolves when all bytes that are in the files now are in the log, also those behind the last newline. Call it
   * when the app has ended. Waits for as long as a full disk lasts, or until `signal` aborts.
   */
  drain(signal?: AbortSignal): Promise<void>;
  /** For rotation: on return a file exists at the log path and gets all later records. Rejects if that failed. */
  reopen(): Promise<void>;
  /** From now on `listener` gets all new output; returns how to end that. */
  subscribe(listener: OutputListener): () => void;
  /** Stops following and closes the files. Writes nothing: what is not in the log yet, the next pump puts there. */
  close(): Promise<void>;
}
