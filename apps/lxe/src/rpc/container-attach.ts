/** Attach: a URL under which the streaming server sends a running container's output, once. */

import { type AttachRequest, type AttachResponse, FailedPreconditionError, UnimplementedError } from "@lxe/cri";
import type { Context } from "../context.ts";
import { isRunning } from "../model/records.ts";

export async function attach({ index, streaming }: Context, request: AttachRequest): Promise<AttachResponse> {
  const container = index.container(request.containerId);
  if (!isRunning(container)) throw new FailedPreconditionError(`container ${container.id} is not running`);
  if (container.config.tty || request.tty) {
    throw new UnimplementedError("tty: attaching to a container's terminal is not supported yet; exec has terminals");
  }
  return { url: streaming.issue("attach", { ...request, containerId: container.id }) };
}
