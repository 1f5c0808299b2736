/**
 * The program that a command in a container starts as, whoever runs it: where it lies, what it tells, how its session is ended.
 */

import { join } from "node:path";
import { UnknownError } from "@lxe/cri";
import type { Operation } from "@lxe/lxd-client";
import type { Context } from "../context.ts";
import { readFailure } from "../init/assemble.ts";
import { killProgram } from "../init/exec.ts";
import { type Machine, machineFor } from "../init/machine.ts";
import type { ContainerRecord } from "../model/records.ts";
import type { FileOwner } from "../platform/host-files.ts";
import type { InitListener } from "../platform/init-socket.ts";
import type { TakenLoader } from "./loaders.ts";
import { startErrorMessage } from "../translate/start-error.ts";
import { runInside } from "./run-inside.ts";

export type RunContext = Pick<
  Context,
  "lxd" | "files" | "initSockets" | "paths" | "random" | "log" | "clock" | "loaders" | "tidying"
>;

const PID_BYTES = 8;
/** That the streams are open. */
const OPENED_BYTES = 8;
const FAILURE_BYTES = 16;
const STATUS_BYTES = 8;
const NAME_DIGITS = 8;
/** Of exit codes. */
const SIGNALS_FROM = 128;
const KILL_WAIT_MS = 2000;
/** After the end of a command its connection is in the kernel already, so this is long. */
const SILENCE_MS = 1000;

/** For the files of one command, in the container's directory. */
export function commandName({ random }: Pick<RunContext, "random">): string {
  return `x${random.hex(NAME_DIGITS)}`;
}

/** Whether a file in a container's directory is a command's, or the beginning of one. */
export function isCommandFile(name: string): boolean {
  return /^\.?[xk][0-9a-f]{8}(?:\.|$)/.test(name);
}

/** @throws UnknownError for an architecture that there are no programs for. */
export function machineOf({ facts: { architecture } }: ContainerRecord): Machine {
  const machine = machineFor(architecture);
  if (!machine) throw new UnknownError(`commands cannot be run on ${architecture}`);
  return machine;
}

/** What a loader and its program told: nothing of a command that ended before it could. @throws UnknownError when the command could not be started. */
export async function startedOf(
  context: RunContext,
  { program, machine, command }: { program: Buffer; machine: Machine; command: string | undefined },
  listener: InitListener,
  signal: AbortSignal,
): Promise<boolean> {
  const failureAt = PID_BYTES + OPENED_BYTES;
  const told = await reportOf(context, listener, signal, failureAt + FAILURE_BYTES);
  if (told.length < failureAt + FAILURE_BYTES) return told.length >= PID_BYTES;
  throw startError(program, machine, command, told.subarray(failureAt));
}

/**
 * How the command in a terminal ended, once its program has said that it has: 128+n for signal n.
 * @throws UnknownError when the command could not be started.
 */
export async function statusOf(
  context: RunContext,
  { program, machine, command }: { program: Buffer; machine: Machine; command: string | undefined },
  listener: InitListener,
  signal: AbortSignal,
): Promise<number> {
  const told = await reportOf(context, listener, signal, PID_BYTES + STATUS_BYTES);
  if (told.length < PID_BYTES + STATUS_BYTES) throw new UnknownError("the command's exit code was not told");
  if (told.length >= PID_BYTES + FAILURE_BYTES) throw startError(program, machine, command, told.subarray(PID_BYTES));
  const status = told.readUInt32LE(PID_BYTES);
  const signalNumber = status & 0x7f;
  return signalNumber === 0 ? (status >> 8) & 0xff : SIGNALS_FROM + signalNumber;
}

function startError(program: Buffer, machine: Machine, command: string | undefined, report: Buffer): UnknownError {
  const failure = readFailure(program, machine, report);
  return new UnknownError(`failed to exec ${JSON.stringify(command)}: ${startErrorMessage(failure)}`);
}

/** Whether the program has its streams open. It never will when it was killed before it could. */
export async function openedStreams(
  context: RunContext,
  listener: InitListener,
  running: Promise<unknown>,
  signal: AbortSignal,
): Promise<boolean> {
  const count = PID_BYTES + OPENED_BYTES;
  const told = listener.first(count, signal);
  told.catch(() => undefined); // it may be that only the end is waited for
  await Promise.race([told, running]);
  return (await reportOf(context, listener, signal, count)).length >= count;
}

/** A command that was killed before it could connect (its container ended) has told nothing, and never will. */
async function reportOf(
  { clock }: RunContext,
  listener: InitListener,
  signal: AbortSignal,
  count: number,
): Promise<Buffer> {
  const patience = new AbortController();
  const timer = clock.setTimeout(() => patience.abort(), SILENCE_MS);
  try {
    return await listener.first(count, AbortSignal.any([signal, patience.signal]));
  } catch (error) {
    if (signal.aborted || !patience.signal.aborted) throw error;
    return Buffer.alloc(0);
  } finally {
    timer.cancel();
  }
}

/** As the app's own user, who needs no rights for that; as root only where supplementary groups are to be set. */
export function startAs({ facts: { user } }: ContainerRecord): { user: number; group: number } {
  const extraGroups = user.groups.some((group) => group !== user.gid);
  return extraGroups ? { user: 0, group: 0 } : { user: user.uid, group: user.gid };
}

/** Of the files that the command itself opens; undefined: root's. */
export function ownerOf(container: ContainerRecord): FileOwner | undefined {
  const { user, group } = startAs(container);
  return user === 0 && group === 0 ? undefined : { uid: user, gid: group };
}

/** Writes the program where the container sees it; dispose of what it returns when the command has ended. */
export async function placeProgram(
  { files, paths }: Pick<RunContext, "files" | "paths">,
  container: ContainerRecord,
  name: string,
  program: Buffer,
): Promise<AsyncDisposable> {
  const path = join(paths.container(container.instance).directory, name);
  const owner = ownerOf(container);
  await files.writeNewFile(path, program, { mode: 0o700, owner });
  return { [Symbol.asyncDispose]: () => files.removeFile(path) };
}

/** Runs the program of that name, and resolves with LXD's operation when it has ended. */
export function runPlaced({ lxd }: RunContext, container: ContainerRecord, name: string): Promise<Operation> {
  return runInside(lxd, container.instance, name, startAs(container));
}

/** The same for a loader, which LXD is asked to run at once. */
export function runLoader(context: RunContext, container: ContainerRecord, loader: TakenLoader): Promise<Operation> {
  const running = runPlaced(context, container, loader.name);
  running.then(
    () => loader.markEnded(),
    () => undefined, // whoever waits for it learns of it
  );
  return running;
}

/** Ends the session from inside the container: only there do its pids have a meaning that LXD's API can reach. */
export async function killSession(
  context: RunContext,
  container: ContainerRecord,
  machine: Machine,
  listener: InitListener,
): Promise<void> {
  const patience = new AbortController();
  const timer = context.clock.setTimeout(() => patience.abort(), KILL_WAIT_MS);
  try {
    const told = await listener.first(PID_BYTES, patience.signal);
    if (told.length < PID_BYTES) return; // it never ran
    const program = killProgram(machine, Number(told.readBigUInt64LE(0)));
    const name = `k${context.random.hex(NAME_DIGITS)}`;
    await using _file = await placeProgram(context, container, name, program);
    await runPlaced(context, container, name);
  } catch (error) {
    context.log.warn({ err: error, container: container.instance }, "a command could not be killed");
  } finally {
    timer.cancel();
  }
}

/**
 * LXD takes the exit codes 126 and 127 for its own failure to run a program; once the program has reported, they are the
 * command's own. Before that nothing but a signal is the command's end: our program ends by itself when it cannot reach lxe.
 * @throws UnknownError when LXD could not run even our program, or that could not begin.
 */
export function exitCodeOf(operation: Operation, reported: boolean): number {
  const code = operation.metadata?.["return"];
  if (typeof code !== "number" || (operation.err !== "" && !reported)) {
    throw new UnknownError(`LXD could not run the command: ${operation.err || "it gives no exit code"}`);
  }
  if (!reported && code < SIGNALS_FROM) throw new UnknownError("the command was not started: lxe was not reached");
  return code;
}

/** Ends `running` by `kill` when the signal aborts, and rejects with its reason; does not wait for what cannot be killed. */
export async function untilAborted<T>(running: Promise<T>, signal: AbortSignal, kill: () => Promise<void>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    void kill().finally(() => aborted.reject(signal.reason));
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const result = await Promise.race([running, aborted.promise]);
    signal.throwIfAborted();
    return result;
  } finally {
    signal.removeEventListener("abort", onAbort);
    running.catch(() => undefined); // it may still fail after nobody waits for it
  }
}
