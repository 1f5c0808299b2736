/** The arms whose scenarios run in this process. Those in Docker are one of these within a container: `node/`. */
import type { Arm } from "./arm.ts";
import { containerdArm } from "./containerd.ts";
import { fakeArm } from "./fake.ts";
import { hostArm } from "./host.ts";

export const ARMS: readonly Arm[] = [fakeArm, hostArm, containerdArm];
