/**
 * Runs a command in a container to its end, through LXD's exec. The command starts as a program of ours (`init/exec.ts`), so
 * that user, groups, environment and rights are those of the container's app, any bytes pass, its output goes to files, and
 * the whole session can be killed.
 */

import { join } from "node:path";
import { UnknownError } from "@lxe/cri";
import type { Operation } from "@lxe/lxd-client";
import { execProgram } from "../init/exec.ts";
import type { ContainerRecord } from "../model/records.ts";
import { execProcess } from "../translate/container-instance.ts";
import { OutputFile } from "./output-file.ts";
import { commandName, killSession, machineOf, ownerOf, type RunContext, runProgram, startedOf } from "./program.ts";

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

/** @throws UnknownError when the command could not be started. */
export async function runInContainer(
  context: RunContext,
  container: ContainerRecord,
  request: RunRequest,
): Promise<RunResult> {
  const machine = machineOf(container);
  request.signal.throwIfAborted();
  const name = commandName(context);
  const program = execProgram(machine, execProcess(container, request.argv), { name, output: "files" });
  const path = join(context.paths.container(container.instance).directory, name);
  const output = { ...context, owner: ownerOf(container), maxBytes: request.maxBytes };
  await using stdout = await OutputFile.create({ ...output, path: `${path}.out` });
  await using stderr = await OutputFile.create({ ...output, path: `${path}.err` });
  await using listener = await context.initSockets.listen(`${path}.sock`);
  const running = runProgram(context, container, name, program);
  const operation = await untilAborted(running, request.signal, () =>
    killSession(context, container, machine, listener),
  );
  const command = { program, machine, command: request.argv[0] };
  const code = exitCodeOf(operation, await startedOf(context, command, listener, request.signal));
  return { code, stdout: await stdout.content(), stderr: await stderr.content() };
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
