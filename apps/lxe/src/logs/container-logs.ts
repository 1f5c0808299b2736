/** The log pumps of the containers that have output to move: one for each that runs or has just ended. */

import type { Clock } from "../platform/clock.ts";
import type { HostFiles } from "../platform/host-files.ts";
import type { Logger } from "../platform/logger.ts";
import type { ContainerRecord } from "../model/records.ts";
import type { StatePaths } from "../store/paths.ts";
import type { LogPump } from "./log-pump-types.ts";
import { openLogPump } from "./log-pump.ts";

export interface ContainerLogsOptions {
  readonly paths: StatePaths;
  readonly clock: Clock;
  readonly files: HostFiles;
  readonly log: Logger;
}

export class ContainerLogs {
  readonly #options: ContainerLogsOptions;
  readonly #pumps = new Map<string, LogPump>();
  #directory: Promise<void> | undefined;

  constructor(options: ContainerLogsOptions) {
    this.#options = options;
  }

  /** Starts to move a container's output; does nothing if that goes on already. Rejects when its log cannot be opened. */
  async open(container: ContainerRecord): Promise<LogPump> {
    const running = this.#pumps.get(container.id);
    if (running) return running;
    const { paths, clock, files, log } = this.#options;
    const { directory, logState } = paths.container(container.instance);
    await this.#makeDirectory();
    const pump = openLogPump({
      directory,
      statePath: logState,
      logPath: container.facts.logPath || undefined,
      clock,
      files,
      log: log.child({ container: container.instance }),
    });
    this.#pumps.set(container.id, pump);
    await pump.start();
    return pump;
  }

  /** Once, and not for each of hundreds of containers at a start. */
  async #makeDirectory(): Promise<void> {
    const { files, paths } = this.#options;
    this.#directory ??= files.makeDirectory(paths.logs, 0o700);
    try {
      await this.#directory;
    } catch (error) {
      this.#directory = undefined;
      throw error;
    }
  }

  get(id: string): LogPump | undefined {
    return this.#pumps.get(id);
  }

  /** The container has ended: moves the rest of its output, then forgets it. */
  async finish(container: ContainerRecord, signal?: AbortSignal): Promise<void> {
    const pump = await this.open(container);
    await pump.drain(signal);
    this.#pumps.delete(container.id);
    await pump.close();
  }

  /** Stops without moving anything more. */
  async drop(id: string): Promise<void> {
    const pump = this.#pumps.get(id);
    this.#pumps.delete(id);
    await pump?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pumps.keys()].map((id) => this.drop(id)));
  }
}
