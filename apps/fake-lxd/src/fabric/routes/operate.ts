/** What most routes of instances have in common. */
import { instanceResources } from "../../kernel/instances/view.ts";
import type { Operation } from "../../kernel/operations.ts";
import type { InstanceRecord } from "../../kernel/records.ts";
import { accepted, type Reply } from "../reply.ts";
import type { ApiRequest } from "../request.ts";

export function instanceOf(request: ApiRequest): InstanceRecord {
  return request.daemon.world.instance(request.project, request.param("name"));
}

export function operate(
  request: ApiRequest,
  description: string,
  instance: InstanceRecord,
  run: (operation: Operation) => Promise<void> | void,
): Reply {
  const operation = request.daemon.operations.create({
    project: instance.project,
    class: "task",
    description,
    resources: instanceResources(instance.name),
    run: async (started) => {
      await run(started);
    },
  });
  return accepted(operation);
}
