/** What every RPC gets. `lxe.ts` composes it; a test or a simulation composes its own. */

import type { LxdClient } from "@lxe/lxd-client";
import type { Config } from "./config/config.ts";
import type { PodRelays } from "./forward/pod-relays.ts";
import type { Images } from "./images/types.ts";
import type { ContainerLogs } from "./logs/container-logs.ts";
import type { NetworkPlugin } from "./network/types.ts";
import type { NodeFacts } from "./node.ts";
import type { Clock } from "./platform/clock.ts";
import type { HostFiles } from "./platform/host-files.ts";
import type { HostKernel } from "./platform/host-kernel.ts";
import type { HostMounts } from "./platform/host-mounts.ts";
import type { InitSockets } from "./platform/init-socket.ts";
import type { KeyedLock } from "./platform/keyed-lock.ts";
import type { Logger } from "./platform/logger.ts";
import type { Random } from "./platform/random.ts";
import type { Exits } from "./reconcile/exits.ts";
import type { Orphans } from "./reconcile/orphans.ts";
import type { Reconciler } from "./reconcile/reconciler.ts";
import type { Stopper } from "./reconcile/stopper.ts";
import type { RootFileSystems } from "./rootfs.ts";
import type { Index } from "./store/index.ts";
import type { StatePaths } from "./store/paths.ts";
import type { Loaders } from "./exec/loaders.ts";
import type { Tidying } from "./platform/tidying.ts";
import type { StreamingUrls } from "./streaming.ts";

/** The outside world, injected. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: HostFiles;
  readonly mounts: HostMounts;
  readonly initSockets: InitSockets;
  readonly kernel: HostKernel;
  readonly log: Logger;
}

export interface BaseContext extends Platform {
  readonly config: Config;
  readonly lxd: LxdClient;
  readonly images: Images;
}

/** What is known of LXD now. `facts` throws UnavailableError until LXD was reached once. */
export interface NodeState {
  /** Undefined when LXD answers, else why it does not. */
  readonly problem: string | undefined;
  facts(): NodeFacts;
}

export interface Context extends BaseContext {
  readonly node: NodeState;
  readonly index: Index;
  readonly paths: StatePaths;
  /** By sandbox id: what changes one pod happens one after the other. */
  readonly podLock: KeyedLock;
  readonly network: NetworkPlugin;
  readonly logs: ContainerLogs;
  readonly reconciler: Reconciler;
  readonly orphans: Orphans;
  readonly stopper: Stopper;
  readonly exits: Exits;
  readonly roots: RootFileSystems;
  readonly streaming: StreamingUrls;
  readonly relays: PodRelays;
  readonly tidying: Tidying;
  readonly loaders: Loaders;
}
