/** After a failed scenario: takes everything away, so that the next one starts from nothing. */
import { type ArmInstance, restartRuntime } from "../arms/arm.ts";
import { eventually } from "./eventually.ts";

/** Brings the runtime back if need be, removes all pods, then what is left below it. */
export async function sweep(arm: ArmInstance): Promise<void> {
  await eventually(
    "the runtime answers",
    () => arm.cri.status({}, { timeoutMs: 5000 }),
    () => true,
    { timeoutMs: 1000 },
  ).catch(() => restartRuntime(arm, "kill"));
  const { items } = await arm.cri.listPodSandbox({});
  for (const { id } of items) await arm.cri.removePodSandbox({ podSandboxId: id }).catch(() => undefined);
  await arm.clear();
}
