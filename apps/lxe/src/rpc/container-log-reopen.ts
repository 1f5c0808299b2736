/** ReopenContainerLog: after the kubelet has renamed the file. On return the new one exists and takes all further output. */

import { FailedPreconditionError, type ReopenContainerLogRequest, type ReopenContainerLogResponse } from "@lxe/cri";
import type { Context } from "../context.ts";
import { isRunning } from "../model/records.ts";

export async function reopenContainerLog(
  context: Context,
  { containerId }: ReopenContainerLogRequest,
): Promise<ReopenContainerLogResponse> {
  const container = context.index.container(containerId);
  const pump = context.logs.get(container.id);
  if (!isRunning(container) || !pump) throw new FailedPreconditionError(`container ${container.id} is not running`);
  await pump.reopen();
  return {};
}
