/** Arms and helpers, for whatever drives lxe as a black box. */
export type { Arm, ArmInstance, Daemon, ImageRole, LxdParts, StopKind, Task } from "./arms/arm.ts";
export { restartRuntime } from "./arms/arm.ts";
export { fakeArm } from "./arms/fake.ts";
export { hostArm } from "./arms/host.ts";
export { THEMES } from "./scenarios/all.ts";
export type { Scenario, Theme } from "./scenarios/scenario.ts";
export { eventually } from "./support/eventually.ts";
export { preparePod, runPod } from "./support/pod.ts";
