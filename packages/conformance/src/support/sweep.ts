/** After a failed scenario: takes everything away, so that the next one starts from nothing. */
import { isLxdError } from "@lxe/lxd-client";
import type { ArmInstance } from "../arms/arm.ts";
import { eventually } from "./eventually.ts";

/** Brings the daemons back if need be, removes all pods, then what is left in LXD. */
export async function sweep(arm: ArmInstance): Promise<void> {
  await eventually(
    "lxe answers",
    () => arm.cri.status({}, { timeoutMs: 5000 }),
    () => true,
    { timeoutMs: 1000 },
  ).catch(async () => {
    await arm.lxe.stop("kill");
    await arm.lxe.start();
  });
  const { items } = await arm.cri.listPodSandbox({});
  for (const { id } of items) await arm.cri.removePodSandbox({ podSandboxId: id }).catch(() => undefined);
  const instances = await arm.lxdClient.instances.list();
  for (const { name, config } of instances) {
    if (config["user.lxe.id"] !== undefined) await deleteInstance(arm, name);
  }
}

async function deleteInstance({ lxdClient }: ArmInstance, name: string): Promise<void> {
  await lxdClient.instances.setState(name, { action: "stop", force: true }).catch(() => undefined);
  await lxdClient.instances.delete(name).catch((error: unknown) => {
    if (!isLxdError(error, "not-found")) throw error;
  });
}
