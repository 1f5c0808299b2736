/**
 * The program that a command in a container starts as, whoever runs it: where it lies, what it tells, how its session is ended.
 */

import { join } from "node:path";
import { UnknownError } from "@lxe/cri";
import type { Operation } from "@lxe/lxd-client";
import type { Context } from "../context.ts";
import { INSIDE } from "../init/app.ts";
import { readFailure } from "../init/assemble.ts";
import { killProgram } from "../init/exec.ts";
import { type Machine, machineFor } from "../init/machine.ts";
import type { ContainerRecord } from "../model/records.ts";
import type { InitListener } from "../platform/init-socket.ts";
import { startErrorMessage } from "../translate/start-error.ts";

export type RunContext = Pick<Context, "lxd" | "files" | "initSockets" | "paths" | "random" | "log" | "clock">;

const PID_BYTES = 8;
const FAILURE_BYTES = 16;
const NAME_DIGITS = 8;
const KILL_WAIT_MS = 2000;
/** After the end of a command its connection is in the kernel already, so this is long. */
const SILENCE_MS = 1000;

/** For the files of one command, in the container's directory. */
export function commandName({ random }: RunContext): string {
  return `x${random.hex(NAME_DIGITS)}`;
}

/** @throws UnknownError for an architecture that there are no programs for. */
export function machineOf({ facts: { architecture } }: ContainerRecord): Machine {
  const machine = machineFor(architecture);
  if (!machine) throw new UnknownError(`commands cannot be run on ${architecture}`);
  return machine;
}

/** What a program told: nothing of a command that ended before it could. @throws UnknownError when the command could not be started. */
export async function startedOf(
  context: RunContext,
  { program, machine, command }: { program: Buffer; machine: Machine; command: string | undefined },
  listener: InitListener,
  signal: AbortSignal,
): Promise<boolean> {
  const told = await reportOf(context, listener, signal);
  if (told.length < PID_BYTES + FAILURE_BYTES) return told.length >= PID_BYTES;
  const failure = readFailure(program, machine, told.subarray(PID_BYTES));
  throw new UnknownError(`failed to exec ${JSON.stringify(command)}: ${startErrorMessage(failure)}`);
}

/** A command that was killed before it could connect (its container ended) has told nothing, and never will. */
async function reportOf({ clock }: RunContext, listener: InitListener, signal: AbortSignal): Promise<Buffer> {
  const patience = new AbortController();
  const timer = clock.setTimeout(() => patience.abort(), SILENCE_MS);
  try {
    return await listener.first(PID_BYTES + FAILURE_BYTES, AbortSignal.any([signal, patience.signal]));
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
export function ownerOf(container: ContainerRecord): { uid: number; gid: number } | undefined {
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
  await files.writeFile(path, program, { mode: 0o700, ...(owner && { owner }) });
  return { [Symbol.asyncDispose]: () => files.removeTree(path) };
}

/** Runs the program, and resolves with LXD's operation when it has ended. */
export async function runProgram(
  context: RunContext,
  container: ContainerRecord,
  name: string,
  program: Buffer,
): Promise<Operation> {
  await using _file = await placeProgram(context, container, name, program);
  const started = await context.lxd.operations.start({
    method: "POST",
    path: `/1.0/instances/${encodeURIComponent(container.instance)}/exec`,
    body: { command: [`${INSIDE}/${name}`], ...startAs(container), "wait-for-websocket": false, interactive: false },
  });
  return await started.waitEnd();
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
    await runProgram(context, container, `k${context.random.hex(NAME_DIGITS)}`, program);
  } catch (error) {
    context.log.warn({ err: error, container: container.instance }, "a command could not be killed");
  } finally {
    timer.cancel();
  }
}
