/**
 * Runs a command in a container to its end, through LXD's exec. The command starts as a program of ours (`init/exec.ts`), so
 * that user, groups, environment and rights are those of the container's app, any bytes pass, its output goes to files, and
 * the whole session can be killed.
 */

import { join } from "node:path";
import { imageOf } from "../init/assemble.ts";
import { execProgram, insidePath, loadable } from "../init/exec.ts";
import type { ContainerRecord } from "../model/records.ts";
import { makeTogether } from "../platform/make-together.ts";
import { execProcess } from "../translate/container-instance.ts";
import { OutputFile } from "./output-file.ts";
import {
  commandName,
  exitCodeOf,
  killSession,
  machineOf,
  ownerOf,
  type RunContext,
  runLoader,
  startedOf,
  untilAborted,
} from "./program.ts";

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
  const streams = { stdin: "/dev/null", stdout: insidePath(name, "out"), stderr: insidePath(name, "err") };
  const program = execProgram(machine, execProcess(container, request.argv), streams);
  const image = imageOf(machine, program);
  using loader = await context.loaders.take(container, machine, image);
  const { listener } = loader;
  const running = runLoader(context, container, loader);
  const path = join(context.paths.container(container.instance).directory, name);
  const output = { ...context, owner: ownerOf(container), maxBytes: request.maxBytes };
  const making = makeTogether([
    OutputFile.create({ ...output, path: `${path}.out` }),
    OutputFile.create({ ...output, path: `${path}.err` }),
  ]);
  listener.renew(making.then(() => loadable(image)));
  const files = await making;
  try {
    const [stdout, stderr] = files.all;
    const operation = await untilAborted(running, request.signal, () =>
      killSession(context, container, machine, listener),
    );
    const command = { program, machine, command: request.argv[0] };
    const code = exitCodeOf(operation, await startedOf(context, command, listener, request.signal));
    const [out, err] = await Promise.all([stdout.content(), stderr.content()]);
    return { code, stdout: out, stderr: err };
  } finally {
    context.tidying.leave(files);
  }
}
