/** Attach: a URL under which the streaming server sends a running container's output and takes its input, once. */

import {
  type AttachRequest,
  type AttachResponse,
  FailedPreconditionError,
  InvalidArgumentError,
  UnimplementedError,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import { isRunning } from "../model/records.ts";

export async function attach({ index, streaming }: Context, request: AttachRequest): Promise<AttachResponse> {
  const container = index.container(request.containerId);
  if (!isRunning(container)) throw new FailedPreconditionError(`container ${container.id} is not running`);
  if (request.tty && container.facts.type === "system") {
    throw new UnimplementedError("tty: the console of a system container can be read only; exec has terminals");
  }
  if (request.tty && !container.config.tty) {
    throw new InvalidArgumentError(`tty: container ${container.id} has no terminal`);
  }
  return { url: streaming.issue("attach", { ...request, containerId: container.id }) };
}
