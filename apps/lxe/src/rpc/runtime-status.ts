/** Status: whether pods can be run now, from memory. A false condition says what to do. */

import type { RuntimeCondition, RuntimeHandler, StatusRequest, StatusResponse } from "@lxe/cri";
import type { Context } from "../context.ts";
import { RUNTIME_HANDLERS } from "../translate/handlers.ts";

export async function status(context: Context, { verbose }: StatusRequest): Promise<StatusResponse> {
  return {
    status: { conditions: [runtimeReady(context), networkReady(context)] },
    runtimeHandlers: RUNTIME_HANDLERS.map(
      (name): RuntimeHandler => ({
        name,
        features: { recursiveReadOnlyMounts: true, userNamespaces: true },
      }),
    ),
    features: { supplementalGroupsPolicy: true, userNamespacesHostNetwork: false, mountOptions: true },
    info: verbose ? { config: JSON.stringify(context.config), lxd: JSON.stringify(lxdInfo(context)) } : {},
  };
}

function runtimeReady({ node }: Context): RuntimeCondition {
  const { problem } = node;
  return problem === undefined
    ? { type: "RuntimeReady", status: true, reason: "", message: "" }
    : { type: "RuntimeReady", status: false, reason: "LXDNotReady", message: problem };
}

function networkReady({ node, network }: Context): RuntimeCondition {
  const problem = node.problem ?? network.notReady();
  return problem === undefined
    ? { type: "NetworkReady", status: true, reason: "", message: "" }
    : { type: "NetworkReady", status: false, reason: "NetworkPluginNotReady", message: problem };
}

function lxdInfo({ node }: Context): object {
  return node.problem === undefined ? node.facts() : { problem: node.problem };
}
