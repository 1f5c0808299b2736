/** Every theme, in the order in which they run. */
import { containers } from "./containers.ts";
import { examples } from "./examples.ts";
import { exec } from "./exec.ts";
import { imageRun } from "./image-run.ts";
import { images } from "./images.ts";
import { limits } from "./limits.ts";
import { lists } from "./lists.ts";
import { logs } from "./logs.ts";
import { mounts } from "./mounts.ts";
import { namespaces } from "./namespaces.ts";
import { network } from "./network.ts";
import { pods } from "./pods.ts";
import { portForward } from "./port-forward.ts";
import { process } from "./process.ts";
import { requests } from "./requests.ts";
import { resizes } from "./resize.ts";
import { restartOfLxd } from "./restart-lxd.ts";
import { restartOfLxe } from "./restart-lxe.ts";
import { runtime } from "./runtime.ts";
import type { Theme } from "./scenario.ts";
import { security } from "./security.ts";
import { stop } from "./stop.ts";
import { streaming } from "./streaming.ts";
import { terminal } from "./terminal.ts";

export const THEMES: readonly Theme[] = [
  runtime,
  images,
  imageRun,
  pods,
  containers,
  process,
  logs,
  exec,
  streaming,
  terminal,
  portForward,
  stop,
  lists,
  mounts,
  network,
  namespaces,
  limits,
  resizes,
  security,
  requests,
  examples,
  restartOfLxe,
  restartOfLxd,
];
