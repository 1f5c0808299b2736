/** A pump in a directory of a test's own. */
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import type { HostFiles } from "../../platform/host-files.ts";
import type { Logger } from "../../platform/logger.ts";
import { createSilentLogger } from "../../platform/logger.ts";
import { createSystemClock } from "../../platform/system-clock.ts";
import { createSystemHostFiles } from "../../platform/system-host-files.ts";
import { temporaryDirectory } from "../../platform/testing/temporary-directory.ts";
import type { LogLimits } from "../../limits.ts";
import { LOG_LIMITS } from "../../limits.ts";
import type { LogRecord } from "../log-line.ts";
import { outputOf, parseRecords } from "../log-line.ts";
import type { LogPump } from "../log-pump-types.ts";
import { openLogPump } from "../log-pump.ts";
import type { StreamName } from "../stream.ts";

export interface PumpFixtureOptions {
  readonly clock?: Clock;
  readonly files?: HostFiles;
  readonly log?: Logger;
  readonly limits?: Partial<LogLimits>;
  readonly withoutLog?: boolean;
}

export interface PumpFixture extends AsyncDisposable {
  readonly directory: string;
  readonly logPath: string;
  readonly pump: LogPump;
  /** Closes the pump and starts another one in its place. */
  restart(): Promise<void>;
  path(stream: StreamName): string;
  append(stream: StreamName, output: string | Uint8Array): Promise<void>;
  records(logPath?: string): Promise<LogRecord[]>;
  /** All bytes of the stream that the log holds. */
  logged(stream: StreamName): Promise<string>;
}

/** Both streams' files exist and are empty; the pump is not started. */
export async function pumpFixture(options: PumpFixtureOptions = {}): Promise<PumpFixture> {
  const temporary = await temporaryDirectory();
  const directory = temporary.path;
  const logPath = join(directory, "pods", "app", "0.log");
  const path = (stream: StreamName): string => join(directory, stream);
  await Promise.all([writeFile(path("stdout"), ""), writeFile(path("stderr"), "")]);
  const open = (): LogPump =>
    openLogPump({
      directory,
      statePath: join(directory, "state", "offsets"),
      logPath: options.withoutLog === true ? undefined : logPath,
      clock: options.clock ?? createSystemClock(),
      files: options.files ?? createSystemHostFiles(),
      log: options.log ?? createSilentLogger(),
      limits: { ...LOG_LIMITS, ...options.limits },
    });
  let pump = open();
  const records = async (from: string = logPath): Promise<LogRecord[]> => parseRecords(await readFile(from)).records;
  return {
    directory,
    logPath,
    get pump() {
      return pump;
    },
    restart: async () => {
      await pump.close();
      pump = open();
      await pump.start();
    },
    path,
    append: (stream, output) => appendFile(path(stream), output),
    records,
    logged: async (stream) => outputOf(await records(), stream).toString("latin1"),
    [Symbol.asyncDispose]: async () => {
      await pump.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}
