/** The scenarios on the fake LXD: everywhere, in every run of the tests. */
import { fakeArm } from "./arms/fake.ts";
import { THEMES } from "./scenarios/all.ts";
import { registerScenarios } from "./scenarios/register.ts";

registerScenarios(fakeArm, THEMES);
