/** The log of lxe itself (not of containers): pino, written synchronously to stderr, where journald picks it up. */
import { destination, pino } from "pino";
import { formatLogText } from "./log-text.ts";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ["json", "text"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LogMethod {
  /** An `Error` belongs under the key `err`. */
  (fields: object, message: string): void;
  (message: string): void;
}

export interface Logger extends Readonly<Record<LogLevel, LogMethod>> {
  /** A logger that adds `fields` to each line. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export interface LineSink {
  write(line: string): void;
}

const STDERR_FD = 2;

/** A logger of that level; each line goes to `sink` (default: stderr) before the call returns. */
export function createLogger(
  options: { readonly level: LogLevel; readonly format: LogFormat },
  sink: LineSink = destination({ fd: STDERR_FD, sync: true }),
): Logger {
  const lines: LineSink = options.format === "json" ? sink : { write: (line) => sink.write(formatLogText(line)) };
  return pino({ level: options.level, base: null, formatters: { level: (label) => ({ level: label }) } }, lines);
}

/** Says nothing. */
export function createSilentLogger(): Logger {
  return pino({ enabled: false });
}
