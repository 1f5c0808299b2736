/** What every RPC gets. `lxe.ts` composes it; a test or a simulation composes its own. */

import type { LxdClient } from "@lxe/lxd-client";
import type { Config } from "./config/config.ts";
import type { Images } from "./images/types.ts";
import type { Clock } from "./platform/clock.ts";
import type { HostFiles } from "./platform/host-files.ts";
import type { Logger } from "./platform/logger.ts";
import type { Random } from "./platform/random.ts";

/** The outside world, injected. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: HostFiles;
  readonly log: Logger;
}

export interface BaseContext extends Platform {
  readonly config: Config;
  readonly lxd: LxdClient;
  readonly images: Images;
}
