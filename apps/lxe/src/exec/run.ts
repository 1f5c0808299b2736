/**
 * Runs a command in a container through LXD's exec. The command starts as a program of ours (`init/exec.ts`), so that user,
 * groups, environment and rights are those of the container's app, any bytes pass, and the whole session can be killed.
 */

import { UnknownError } from "@lxe/cri";
import type { ExecResult } from "@lxe/lxd-client";
import { join } from "node:path";
import type { Context } from "../context.ts";
import { INSIDE } from "../init/app.ts";
import { readFailure } from "../init/assemble.ts";
import { execProgram, killProgram } from "../init/exec.ts";
import { type Machine, machineFor } from "../init/machine.ts";
import type { ContainerRecord } from "../model/records.ts";
import { listenForInit } from "../platform/init-socket.ts";
import { execProcess } from "../translate/container-instance.ts";
import { startErrorMessage } from "../translate/start-error.ts";

export interface RunRequest {
  readonly argv: readonly string[];
  /** Kept of stdout and of stderr each. */
  readonly maxBytes: number;
  /** Aborting kills the command and all of its session; the call then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

type RunContext = Pick<Context, "lxd" | "files" | "paths" | "random" | "log" | "clock">;

const PID_BYTES = 8;
const FAILURE_BYTES = 16;
const NAME_DIGITS = 8;

/** @throws UnknownError when the command could not be started. */
export async function runInContainer(
  context: RunContext,
  container: ContainerRecord,
  request: RunRequest,
): Promise<ExecResult> {
  const machine = machineFor(container.facts.architecture);
  if (!machine) throw new UnknownError(`commands cannot be run on ${container.facts.architecture}`);
  request.signal.throwIfAborted();
  const name = `x${context.random.hex(NAME_DIGITS)}`;
  const program = execProgram(machine, name, execProcess(container, request.argv));
  await using file = await programFile(context, container, name, program);
  await using listener = await listenForInit(file.socket);
  const killed = new AbortController();
  const running = context.lxd.instances.execCapture(
    container.instance,
    { command: [file.inside], maxBytes: request.maxBytes, ...startAs(container) },
    { signal: killed.signal },
  );
  const onAbort = (): void => {
    void killSession(context, container, machine, listener, running).finally(() => killed.abort(request.signal.reason));
  };
  request.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const result = await running;
    request.signal.throwIfAborted();
    const told = await listener.first(PID_BYTES + FAILURE_BYTES, request.signal);
    if (told.length >= PID_BYTES + FAILURE_BYTES) {
      const failure = readFailure(program, machine, told.subarray(PID_BYTES));
      throw new UnknownError(`failed to exec ${JSON.stringify(request.argv[0])}: ${startErrorMessage(failure)}`);
    }
    return result;
  } catch (error) {
    request.signal.throwIfAborted();
    throw error;
  } finally {
    request.signal.removeEventListener("abort", onAbort);
  }
}

/** As the app's own user, who needs no rights for that; as root only where supplementary groups are to be set. */
function startAs({ facts: { user } }: ContainerRecord): { user: number; group: number } {
  const extraGroups = user.groups.some((group) => group !== user.gid);
  return extraGroups ? { user: 0, group: 0 } : { user: user.uid, group: user.gid };
}

interface ProgramFile extends AsyncDisposable {
  readonly inside: string;
  readonly socket: string;
}

async function programFile(
  { files, paths }: RunContext,
  container: ContainerRecord,
  name: string,
  program: Buffer,
): Promise<ProgramFile> {
  const { directory } = paths.container(container.instance);
  const path = join(directory, name);
  const { user: uid, group: gid } = startAs(container);
  await files.writeFile(path, program, { mode: 0o700, ...(uid !== 0 && { owner: { uid, gid } }) });
  return {
    inside: `${INSIDE}/${name}`,
    socket: `${path}.sock`,
    [Symbol.asyncDispose]: () => files.removeTree(path),
  };
}

const PID_WAIT_MS = 2000;

/** Ends the session from inside the container: only there do its pids have a meaning that LXD's API can reach. */
async function killSession(
  context: RunContext,
  container: ContainerRecord,
  machine: Machine,
  listener: { first(count: number, signal: AbortSignal): Promise<Buffer> },
  running: Promise<unknown>,
): Promise<void> {
  try {
    const patience = new AbortController();
    const timer = context.clock.setTimeout(() => patience.abort(), PID_WAIT_MS);
    const told = await listener.first(PID_BYTES, patience.signal).finally(() => timer.cancel());
    if (told.length < PID_BYTES) return; // it never ran
    const program = killProgram(machine, Number(told.readBigUInt64LE(0)));
    await using file = await programFile(context, container, `k${context.random.hex(NAME_DIGITS)}`, program);
    await context.lxd.instances.execCapture(container.instance, { command: [file.inside], ...startAs(container) });
    await Promise.race([running.catch(() => undefined), context.clock.sleep(PID_WAIT_MS)]);
  } catch (error) {
    context.log.warn({ err: error, container: container.instance }, "a command that took too long could not be killed");
  }
}
