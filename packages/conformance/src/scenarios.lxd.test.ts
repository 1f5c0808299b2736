/** The scenarios on a real LXD of this machine. */
import { hostArm } from "./arms/host.ts";
import { THEMES } from "./scenarios/all.ts";
import { registerScenarios } from "./scenarios/register.ts";

registerScenarios(hostArm, THEMES);
