/** The scenarios on the arm that LXE_TEST_ARM names: what `npm run conformance` runs. */
import { ARMS } from "./arms/all.ts";
import { THEMES } from "./scenarios/all.ts";
import { registerScenarios } from "./scenarios/register.ts";

const name = process.env["LXE_TEST_ARM"] ?? "";
const arm = ARMS.find((one) => one.name === name);
if (!arm) throw new Error(`LXE_TEST_ARM has to be one of ${ARMS.map((one) => one.name).join(", ")}`);
registerScenarios(arm, THEMES);
