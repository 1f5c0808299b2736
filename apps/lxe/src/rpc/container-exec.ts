/** Exec: a URL under which the streaming server runs a command in a running container, once. */

import { type ExecRequest, type ExecResponse, FailedPreconditionError, InvalidArgumentError } from "@lxe/cri";
import type { Context } from "../context.ts";
import { isRunning } from "../model/records.ts";

export async function exec({ index, streaming }: Context, request: ExecRequest): Promise<ExecResponse> {
  const container = index.container(request.containerId);
  if (!isRunning(container)) throw new FailedPreconditionError(`container ${container.id} is not running`);
  if (request.cmd.length === 0) throw new InvalidArgumentError("cmd is empty");
  return { url: streaming.issue("exec", { ...request, containerId: container.id }) };
}
