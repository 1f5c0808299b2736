/** ExecSync: a command in a running container, its output and its exit code. A command that takes too long is killed with all it started. */

import {
  type CallContext,
  DeadlineExceededError,
  type ExecSyncRequest,
  type ExecSyncResponse,
  FailedPreconditionError,
  InvalidArgumentError,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import { runInContainer } from "../exec/run.ts";
import { isRunning } from "../model/records.ts";

/** Two of them fit into a message of 16 MiB. */
const OUTPUT_BYTES_MAX = 8 * 1024 * 1024 - 4096;

export async function execSync(
  context: Context,
  request: ExecSyncRequest,
  call: CallContext,
): Promise<ExecSyncResponse> {
  const container = context.index.container(request.containerId);
  if (!isRunning(container)) throw new FailedPreconditionError(`container ${container.id} is not running`);
  if (request.cmd.length === 0) throw new InvalidArgumentError("cmd is empty");
  if (request.timeout < 0n) throw new InvalidArgumentError(`timeout is negative: ${request.timeout}`);
  const timeLimit = new AbortController();
  const timer =
    request.timeout > 0n
      ? context.clock.setTimeout(() => {
          timeLimit.abort(
            new DeadlineExceededError(`command ${JSON.stringify(request.cmd)} timed out after ${request.timeout} s`),
          );
        }, Number(request.timeout) * 1000)
      : undefined;
  try {
    const { stdout, stderr, code } = await runInContainer(context, container, {
      argv: request.cmd,
      maxBytes: OUTPUT_BYTES_MAX,
      signal: AbortSignal.any([call.signal, timeLimit.signal]),
    });
    return { stdout, stderr, exitCode: code };
  } finally {
    timer?.cancel();
  }
}
