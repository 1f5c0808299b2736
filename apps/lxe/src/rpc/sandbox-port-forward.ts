/** PortForward: a URL under which the streaming server forwards connections into a pod's network, once. */

import {
  FailedPreconditionError,
  InvalidArgumentError,
  type PortForwardRequest,
  type PortForwardResponse,
} from "@lxe/cri";
import type { Context } from "../context.ts";
import { isReady } from "../model/records.ts";

const PORT_MAX = 65_535;

export async function portForward(
  { index, streaming }: Context,
  request: PortForwardRequest,
): Promise<PortForwardResponse> {
  const sandbox = index.sandbox(request.podSandboxId);
  if (!isReady(sandbox)) throw new FailedPreconditionError(`pod sandbox ${sandbox.id} is not ready`);
  const wrong = request.port.find((port) => port < 1 || port > PORT_MAX);
  if (wrong !== undefined) throw new InvalidArgumentError(`port ${wrong} is not between 1 and ${PORT_MAX}`);
  return { url: streaming.issue("portforward", { ...request, podSandboxId: sandbox.id }) };
}
