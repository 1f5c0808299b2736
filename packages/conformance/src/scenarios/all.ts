/** Every theme, in the order in which they run. */
import { containers } from "./containers.ts";
import { exec } from "./exec.ts";
import { logs } from "./logs.ts";
import { pods } from "./pods.ts";
import { process } from "./process.ts";
import type { Theme } from "./scenario.ts";
import { stop } from "./stop.ts";

export const THEMES: readonly Theme[] = [pods, containers, process, logs, exec, stop];
