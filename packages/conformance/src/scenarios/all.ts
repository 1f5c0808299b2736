/** Every theme, in the order in which they run. */
import { pods } from "./pods.ts";
import type { Theme } from "./scenario.ts";

export const THEMES: readonly Theme[] = [pods];
