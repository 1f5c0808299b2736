/**
 * Finds out how a container that LXD has stopped ended, moves the rest of its output to its log, and records the exit in
 * LXD. All of it can be repeated: killed in the middle, the next start of lxe finds the same log and the same answer.
 */

import { isFinalStatus, isLxdError, type LxdClient, type Operation } from "@lxe/lxd-client";
import { ContainerState, UnavailableError } from "@lxe/cri";
import { machineFor } from "../init/machine.ts";
import { readFailure } from "../init/assemble.ts";
import type { ContainerLogs } from "../logs/container-logs.ts";
import { type ContainerRecord, type Exit, hasEnded } from "../model/records.ts";
import type { Clock } from "../platform/clock.ts";
import type { HostFiles } from "../platform/host-files.ts";
import type { Logger } from "../platform/logger.ts";
import { SingleFlight } from "../platform/single-flight.ts";
import { endInstance } from "../stop-instance.ts";
import { exitKeys, runsIn } from "../store/codec.ts";
import type { Index } from "../store/index.ts";
import type { StatePaths } from "../store/paths.ts";
import { readExitLog, readStartErrors } from "../translate/exit-log.ts";
import { startErrorMessage } from "../translate/start-error.ts";
import { instancesOf } from "./instance-urls.ts";

export interface ExitsOptions {
  readonly lxd: LxdClient;
  readonly index: Index;
  readonly logs: ContainerLogs;
  readonly files: HostFiles;
  readonly paths: StatePaths;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends what the container's first process left running. */
  readonly killLeftOvers: (container: ContainerRecord) => Promise<void>;
  /** An exit that LXD does not have: see to it that it is settled again. */
  readonly onUnrecorded: (instance: string) => void;
  /** Whether the kernel killed it for memory. */
  readonly wasOomKilled: (container: ContainerRecord) => Promise<boolean>;
}

const LOG_READS_MAX = 20;
const LOG_WAIT_MS = 100;
/**
 * An exit is recorded before it shows: who has seen it must not see the container run again when lxe is killed, and LXC's log cannot be
 * read just then. It does not wait longer for an LXD that hangs.
 */
const RECORD_WAIT_MS = 2000;
/** As long as a log that tells nothing is read, and some more. */
const SHOW_WAIT_MS = 4000;
const EXIT_UNKNOWN = 255;
const EXIT_START_ERROR = 128;
const START_ERROR = "StartError";
const SIGINT = 2;

/** Its start was reported as failed. */
export function failedToStart({ exit }: ContainerRecord): boolean {
  return exit?.reason === START_ERROR;
}

/** Under way. Newer LXDs may not tell whom an operation is about: it may be this one then. */
function isStartOf(operation: Operation, instance: string): boolean {
  if (isFinalStatus(operation.status_code) || !operation.description.startsWith("Starting ")) return false;
  const names = instancesOf(operation);
  return names.length === 0 || names.includes(instance);
}

/** Also what a shell answers when the kernel killed its child. */
const EXIT_SIGKILL = 137;

export class Exits {
  readonly #options: ExitsOptions;
  readonly #flights = new SingleFlight<void>();
  /** Why starts failed whose exit is being settled. */
  readonly #startErrors = new Map<string, Exit>();

  constructor(options: ExitsOptions) {
    this.#options = options;
  }

  /** Resolves when the index shows the container EXITED, or one that was never started as it was: its exit could not be recorded. */
  settle(container: ContainerRecord): Promise<void> {
    return this.#flights.run(container.id, async () => {
      const found = container.exit ?? this.#startErrors.get(container.id) ?? (await this.#find(container));
      await this.#publish(container, this.#startErrors.get(container.id) ?? found);
    });
  }

  /** Resolves when nothing that is written about the container's exit is under way: another may have its name then. */
  settled({ id }: Pick<ContainerRecord, "id">): Promise<void> {
    return this.#flights.ended(id);
  }

  /** Resolves when all containers whose exits are being found show as ended; it does not wait longer for an LXD that is slow. */
  async shown(): Promise<void> {
    const { clock, index } = this.#options;
    const patience = new AbortController();
    const timer = clock.setTimeout(() => patience.abort(), SHOW_WAIT_MS);
    const waiting = this.#flights.keys().map((id) => index.waitForContainer(id, hasEnded, patience.signal));
    await Promise.allSettled(waiting);
    timer.cancel();
  }

  /** For a start that failed before the app ran. Wins over what LXC's log tells, which knows no reason then. */
  async settleStartError(container: ContainerRecord, message: string): Promise<void> {
    const exit = { code: EXIT_START_ERROR, reason: START_ERROR, message, finishedAt: this.#options.clock.nowNs() };
    this.#startErrors.set(container.id, exit);
    try {
      // one that was under way before may still ask LXC's log, and fail for that
      await this.settle(container).catch(() => undefined);
      const current = this.#options.index.findContainer(container.id);
      if (current && current.exit?.reason !== exit.reason) await this.#publish(container, exit);
    } finally {
      this.#startErrors.delete(container.id);
    }
  }

  /**
   * LXD came round to a start whose answer was lost, after it was reported as failed: nobody knows of what runs there. Wanting it to
   * stop is the kubelet's last word.
   */
  async endLateStart({ instance }: ContainerRecord): Promise<void> {
    const { lxd, log } = this.#options;
    log.warn({ container: instance }, "a start that was reported as failed came about: stopping it");
    await endInstance(lxd, instance);
  }

  async #publish(container: ContainerRecord, exit: Exit): Promise<void> {
    const { index, logs, killLeftOvers } = this.#options;
    await killLeftOvers(container);
    await logs.finish(container);
    const current = index.findContainer(container.id);
    if (!current) return; // removed meanwhile
    const startedAt = current.startedAt === 0n ? exit.finishedAt : current.startedAt;
    const finishedAt = exit.finishedAt > startedAt ? exit.finishedAt : startedAt;
    const recording = this.#record(container, { ...exit, finishedAt });
    const isRecorded = await this.#soon(recording);
    const recorded = index.findContainer(container.id);
    // of one that LXD never started nothing else would tell at the next start of lxe: it stays as it was, to be started yet or removed
    const isLost = isRecorded === false && current.startedAt === 0n;
    if (recorded && !isLost) {
      index.put({ ...recorded, startedAt, state: ContainerState.CONTAINER_EXITED, exit: { ...exit, finishedAt } });
    }
    await recording;
  }

  /** Whether LXD has it. LXC's log still tells of one that could not be recorded, so the next start of lxe comes to the same answer. */
  async #record(container: ContainerRecord, exit: Exit): Promise<boolean> {
    const { lxd, log, index, onUnrecorded } = this.#options;
    const { description } = index.findContainer(container.id) ?? container;
    try {
      await lxd.instances.patch(container.instance, { description, config: exitKeys(container, exit) });
      return true;
    } catch (error) {
      log.warn({ err: error, container: container.instance }, "the exit could not be recorded in LXD; trying again");
      onUnrecorded(container.instance);
      return false;
    }
  }

  /** Undefined where that takes long. */
  async #soon<T>(awaited: Promise<T>): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = this.#options.clock.setTimeout(() => late.resolve(undefined), RECORD_WAIT_MS);
    const result = await Promise.race([awaited, late.promise]);
    timer.cancel();
    return result;
  }

  async #find(container: ContainerRecord): Promise<Exit> {
    const told = await this.#startFailure(container);
    const log = told === undefined ? await this.#finishedLog(container) : "";
    const failure = told ?? readStartErrors(log);
    if (failure !== undefined) {
      // LXC logs errors also of what it goes on without
      if (told === undefined) await this.#checkStopped(container);
      return {
        code: EXIT_START_ERROR,
        reason: START_ERROR,
        message: failure,
        finishedAt: this.#options.clock.nowNs(),
      };
    }
    const logged = readExitLog(log);
    if (!logged) {
      await this.#checkStopped(container);
      const message = "how the container ended is not known: the node or LXD stopped without order";
      return { code: EXIT_UNKNOWN, reason: "Unknown", message, finishedAt: this.#options.clock.nowNs() };
    }
    const { finishedAt } = logged;
    // an init that has shut its system down calls reboot(2), which the kernel shows as this signal
    const halted = container.facts.type === "system" && logged.signal === SIGINT;
    const code = halted ? 0 : logged.code;
    if (code === EXIT_SIGKILL && (await this.#options.wasOomKilled(container))) {
      return { code, reason: "OOMKilled", message: "", finishedAt };
    }
    return { code, reason: code === 0 ? "Completed" : "Error", message: "", finishedAt };
  }

  /**
   * LXD shows a container as stopped while its start is under way, also when its app runs already, and for a moment after that. Nothing is ended
   * and nothing killed then. @throws UnavailableError
   */
  async #checkStopped({ instance }: ContainerRecord): Promise<void> {
    const { lxd } = this.#options;
    const operations = await lxd.operations.list();
    if (operations.some((operation) => isStartOf(operation, instance))) {
      throw new UnavailableError(`${instance} is shown as stopped, and being started`);
    }
    try {
      // asked after the operations: a start that has ended meanwhile shows
      const { value } = await lxd.instances.get(instance);
      if (runsIn(value)) throw new UnavailableError(`${instance} was taken as stopped, and runs`);
    } catch (error) {
      if (!isLxdError(error, "not-found")) throw error;
    }
  }

  /** LXD may say Stopped a moment before LXC's log tells of the end. */
  async #finishedLog(container: ContainerRecord): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const log = await this.#lxcLog(container);
      const tells = readExitLog(log) !== undefined || readStartErrors(log) !== undefined;
      if (tells || attempt === LOG_READS_MAX) return log;
      await this.#options.clock.sleep(LOG_WAIT_MS);
    }
  }

  /** Empty where there is none. Of an LXD that is not there, nothing is known: it is asked again when it is back. */
  async #lxcLog({ instance }: ContainerRecord): Promise<string> {
    const { lxd, log } = this.#options;
    try {
      return (await lxd.instances.logs.get(instance, "lxc.log")).toString();
    } catch (error) {
      if (isLxdError(error, "unavailable", "timeout", "closed")) throw error;
      log.warn({ err: error, container: instance }, "LXC's log could not be read");
      return "";
    }
  }

  /** What the init program left behind if it could not become the app. */
  async #startFailure({ instance, facts }: ContainerRecord): Promise<string | undefined> {
    const { files, paths } = this.#options;
    const { failed, init } = paths.container(instance);
    const machine = machineFor(facts.architecture);
    const report = await files.readFile(failed);
    if (!report || !machine || report.length < 16) return undefined;
    const program = await files.readFile(init);
    if (!program) return undefined;
    return startErrorMessage(readFailure(program, machine, report));
  }
}
