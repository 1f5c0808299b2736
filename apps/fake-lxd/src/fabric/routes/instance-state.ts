import type { Daemon } from "../../kernel/daemon.ts";
import { badRequest, failure } from "../../kernel/errors.ts";
import { rootRequestor } from "../../kernel/events.ts";
import { startInstance } from "../../kernel/instances/start.ts";
import { freezeInstance, restartInstance, stopInstance, unfreezeInstance } from "../../kernel/instances/stop.ts";
import { renderState } from "../../kernel/instances/view.ts";
import type { Operation } from "../../kernel/operations.ts";
import type { InstanceRecord } from "../../kernel/records.ts";
import { accepted, fresh, type Reply } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";
import { bulkStatePut, statePut } from "./instance-bodies.ts";
import { instanceOf } from "./operate.ts";

type Change = ReturnType<typeof statePut.zero>;

const descriptions: Readonly<Record<string, string>> = {
  start: "Starting instance",
  stop: "Stopping instance",
  restart: "Restarting instance",
  freeze: "Freezing instance",
  unfreeze: "Unfreezing instance",
};

function descriptionOf(action: string): string {
  const description = Object.hasOwn(descriptions, action) ? descriptions[action] : undefined;
  if (description === undefined) throw badRequest(`Unknown action: '${action}'`);
  return description;
}

async function perform(daemon: Daemon, instance: InstanceRecord, change: Change, operation: Operation): Promise<void> {
  const stop = { force: change.force, timeout: change.timeout ?? -1, stateful: change.stateful };
  switch (change.action) {
    case "start":
      return await startInstance(daemon, instance, { operation, stateful: change.stateful, requestor: rootRequestor });
    case "stop":
      return await stopInstance(daemon, instance, stop);
    case "restart":
      return await restartInstance(daemon, instance, stop);
    case "freeze":
      return freezeInstance(daemon, instance);
    default:
      return unfreezeInstance(daemon, instance);
  }
}

function changeState(request: ApiRequest): Reply {
  const { daemon } = request;
  const instance = instanceOf(request);
  const change = request.json(statePut);
  const operation = daemon.operations.create({
    project: instance.project,
    class: "task",
    description: descriptionOf(change.action),
    resources: { instances: [`/1.0/instances/${instance.name}`] },
    run: (started) => perform(daemon, instance, change, started),
  });
  return accepted(operation);
}

/** Those that the action can be done to. */
function affected(instances: readonly InstanceRecord[], action: string): InstanceRecord[] {
  const phase = { start: undefined, freeze: "running", unfreeze: "frozen" }[action];
  return instances.filter((instance) =>
    action === "stop" || action === "restart" ? instance.machine !== null : instance.machine?.phase === phase,
  );
}

export function changeManyStates(request: ApiRequest): Reply {
  const { daemon } = request;
  const { state: change } = request.json(bulkStatePut);
  const description = descriptionOf(change?.action ?? "").replace("instance", "instances");
  const instances = affected(daemon.world.instancesOf(request.project), change?.action ?? "");
  const operation = daemon.operations.create({
    project: request.project,
    class: "task",
    description,
    resources: { instances: instances.map((instance) => `/1.0/instances/${instance.name}`) },
    run: async (started) => {
      if (change === undefined) return;
      const results = await Promise.allSettled(instances.map((one) => perform(daemon, one, change, started)));
      const failed = results.flatMap((result, index) =>
        result.status === "rejected" ? [`${instances[index]?.name ?? ""}: ${String(result.reason)}`] : [],
      );
      if (failed.length > 0) throw failure(`Failed to change the state of some instances: ${failed.join(", ")}`);
    },
  });
  return accepted(operation);
}

export const instanceStateRoutes: Route[] = [
  {
    path: "/1.0/(?:instances|containers)/{name}/state",
    GET: (request) => fresh(renderState(request.daemon.world, instanceOf(request))),
    PUT: changeState,
  },
];
