/**
 * Runs a command in a container to its end, through LXD's exec. The command starts as a program of ours (`init/exec.ts`), so
 * that user, groups, environment and rights are those of the container's app, any bytes pass, its output goes to files, and
 * the whole session can be killed.
 */

import { join } from "node:path";
import { UnknownError } from "@lxe/cri";
import type { Operation } from "@lxe/lxd-client";
import type { Context } from "../context.ts";
import { INSIDE } from "../init/app.ts";
import { readFailure } from "../init/assemble.ts";
import { execProgram, killProgram } from "../init/exec.ts";
import { type Machine, machineFor } from "../init/machine.ts";
import type { ContainerRecord } from "../model/records.ts";
import { type InitListener, listenForInit } from "../platform/init-socket.ts";
import { execProcess } from "../translate/container-instance.ts";
import { startErrorMessage } from "../translate/start-error.ts";
import { OutputFile } from "./output-file.ts";

export interface RunRequest {
  readonly argv: readonly string[];
  /** Kept of stdout and of stderr each. */
  readonly maxBytes: number;
  /** Aborting kills the command and all of its session; the call then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

export interface RunResult {
  /** 128+n for signal n. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

type RunContext = Pick<Context, "lxd" | "files" | "paths" | "random" | "log" | "clock">;

const PID_BYTES = 8;
const FAILURE_BYTES = 16;
const NAME_DIGITS = 8;
const KILL_WAIT_MS = 2000;
/** After the end of a command its connection is in the kernel already, so this is long. */
const SILENCE_MS = 1000;

/** @throws UnknownError when the command could not be started. */
export async function runInContainer(
  context: RunContext,
  container: ContainerRecord,
  request: RunRequest,
): Promise<RunResult> {
  const machine = machineFor(container.facts.architecture);
  if (!machine) throw new UnknownError(`commands cannot be run on ${container.facts.architecture}`);
  request.signal.throwIfAborted();
  const name = `x${context.random.hex(NAME_DIGITS)}`;
  const program = execProgram(machine, name, execProcess(container, request.argv));
  const path = join(context.paths.container(container.instance).directory, name);
  const output = { ...context, owner: ownerOf(container), maxBytes: request.maxBytes };
  await using stdout = await OutputFile.create({ ...output, path: `${path}.out` });
  await using stderr = await OutputFile.create({ ...output, path: `${path}.err` });
  await using listener = await listenForInit(`${path}.sock`);
  const running = runProgram(context, container, name, program);
  const operation = await untilAborted(running, request.signal, () =>
    killSession(context, container, machine, listener),
  );
  const told = await reportOf(context, listener, request.signal);
  if (told.length >= PID_BYTES + FAILURE_BYTES) {
    const failure = readFailure(program, machine, told.subarray(PID_BYTES));
    throw new UnknownError(`failed to exec ${JSON.stringify(request.argv[0])}: ${startErrorMessage(failure)}`);
  }
  const code = exitCodeOf(operation, told.length >= PID_BYTES);
  return { code, stdout: await stdout.content(), stderr: await stderr.content() };
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
function startAs({ facts: { user } }: ContainerRecord): { user: number; group: number } {
  const extraGroups = user.groups.some((group) => group !== user.gid);
  return extraGroups ? { user: 0, group: 0 } : { user: user.uid, group: user.gid };
}

/** Of the files that the command itself opens; undefined: root's. */
function ownerOf(container: ContainerRecord): { uid: number; gid: number } | undefined {
  const { user, group } = startAs(container);
  return user === 0 && group === 0 ? undefined : { uid: user, gid: group };
}

/** Writes the program where the container sees it, runs it, and resolves with LXD's operation when it has ended. */
async function runProgram(
  { lxd, files, paths }: RunContext,
  container: ContainerRecord,
  name: string,
  program: Buffer,
): Promise<Operation> {
  const path = join(paths.container(container.instance).directory, name);
  const owner = ownerOf(container);
  await files.writeFile(path, program, { mode: 0o700, ...(owner && { owner }) });
  try {
    const started = await lxd.operations.start({
      method: "POST",
      path: `/1.0/instances/${encodeURIComponent(container.instance)}/exec`,
      body: { command: [`${INSIDE}/${name}`], ...startAs(container), "wait-for-websocket": false, interactive: false },
    });
    return await started.waitEnd();
  } finally {
    await files.removeTree(path);
  }
}

/**
 * LXD takes the exit codes 126 and 127 for its own failure to run a program; once the program has reported, they are the
 * command's own. @throws UnknownError when LXD could not run even our program.
 */
function exitCodeOf(operation: Operation, reported: boolean): number {
  const code = operation.metadata?.["return"];
  if (typeof code !== "number" || (operation.err !== "" && !reported)) {
    throw new UnknownError(`LXD could not run the command: ${operation.err || "it gives no exit code"}`);
  }
  return code;
}

/** Ends `running` by `kill` when the signal aborts, and rejects with its reason; does not wait for what cannot be killed. */
async function untilAborted<T>(running: Promise<T>, signal: AbortSignal, kill: () => Promise<void>): Promise<T> {
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

/** Ends the session from inside the container: only there do its pids have a meaning that LXD's API can reach. */
async function killSession(
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
