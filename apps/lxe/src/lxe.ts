/** Puts lxe together. Everything that touches the outside world is made or injected here, and only here. */

import { createCriServer, type CriHandlers, type CriServer } from "@lxe/cri";
import { createLxdClient, type LxdClient, type LxdEndpoint } from "@lxe/lxd-client";
import type { Config } from "./config/config.ts";
import { cgroupOf } from "./container-cgroup.ts";
import type { Context, Platform } from "./context.ts";
import { PodRelays } from "./forward/pod-relays.ts";
import { createImages } from "./images/create-images.ts";
import { OCI_LIMITS } from "./images/oci/limits.ts";
import { nodePlatform } from "./images/oci/manifest/platform.ts";
import type { Images } from "./images/types.ts";
import { terminalEnded } from "./exec/app-terminal.ts";
import { Loaders } from "./exec/loaders.ts";
import { lxdProjectOf, lxdSocketOf } from "./lxd-place.ts";
import { endInput, recoverInput } from "./exec/input.ts";
import { ContainerLogs } from "./logs/container-logs.ts";
import type { ContainerRecord } from "./model/records.ts";
import { BridgeNetwork } from "./network/bridge.ts";
import { readNode } from "./node.ts";
import type { Clock } from "./platform/clock.ts";
import type { HostFiles } from "./platform/host-files.ts";
import { createSystemHostKernel } from "./platform/host-kernel.ts";
import { createSystemHostMounts, type HostMounts } from "./platform/host-mounts.ts";
import { createSystemInitSockets } from "./platform/init-socket.ts";
import { KeyedLock } from "./platform/keyed-lock.ts";
import type { Logger } from "./platform/logger.ts";
import { createSystemRandom, type Random } from "./platform/random.ts";
import { Lanes } from "./platform/serial-queue.ts";
import { bindSocket } from "./platform/socket.ts";
import { createSystemClock } from "./platform/system-clock.ts";
import { createSystemHostFiles } from "./platform/system-host-files.ts";
import { Tidying } from "./platform/tidying.ts";
import { Exits } from "./reconcile/exits.ts";
import { FollowedResources } from "./reconcile/followed-resources.ts";
import { Orphans } from "./reconcile/orphans.ts";
import { Reconciler } from "./reconcile/reconciler.ts";
import { recover } from "./reconcile/recover.ts";
import { Session } from "./reconcile/session.ts";
import { Stopper } from "./reconcile/stopper.ts";
import { mapLxdError } from "./rpc-errors.ts";
import { RootFileSystems } from "./rootfs.ts";
import { rpcHandlers } from "./rpc/handlers.ts";
import { Index } from "./store/index.ts";
import { StatePaths } from "./store/paths.ts";
import { createStreaming, type Streaming } from "./streaming.ts";

export interface LxeOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly files?: HostFiles;
  readonly mounts?: HostMounts;
  /** Where LXD is looked for when the config names no socket, and HTTP proxies. Default: the process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface Lxe extends AsyncDisposable {
  /** Serves the CRI; resolves once the socket accepts. LXD may come later: Status says so. */
  start(): Promise<void>;
  /** Resolves when all of LXD has been read once. */
  whenReady(): Promise<void>;
  /** Ends calls and leaves every container as it is. */
  close(): Promise<void>;
}

/** Running containers whose logs are opened. */
const TAKEN_AT_ONCE = 4;

export function createLxe(options: LxeOptions): Lxe {
  const { config, log } = options;
  const platform: Platform = {
    log,
    clock: options.clock ?? createSystemClock(),
    random: options.random ?? createSystemRandom(),
    files: options.files ?? createSystemHostFiles(),
    mounts: options.mounts ?? createSystemHostMounts(),
    initSockets: createSystemInitSockets(),
    kernel: createSystemHostKernel(config.kernelLog),
  };
  const environment = options.environment ?? process.env;
  const socketPath = lxdSocketOf(config, environment);
  const composition = composeLxe({ platform, config, lxd: { socketPath }, environment, architecture: process.arch });
  const { context, session, streaming, handlers } = composition;
  const server = createCriServer({
    handlers,
    log: log.child({ part: "cri" }),
    mapError: mapLxdError,
  });
  return lifecycle(context, session, server, streaming);
}

function connect(endpoint: LxdEndpoint, config: Config, { clock, random }: Platform): LxdClient {
  return createLxdClient(endpoint, {
    project: lxdProjectOf(config),
    userAgent: "lxe",
    random: () => random.float(),
    clock: {
      now: () => clock.monotonicMs(),
      setTimeout: (run, delayMs) => {
        const timer = clock.setTimeout(run, delayMs);
        return () => timer.cancel();
      },
    },
  });
}

export interface CompositionOptions {
  readonly platform: Platform;
  readonly config: Config;
  readonly lxd: LxdEndpoint;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The node's, as Node names it. */
  readonly architecture: string;
}

/** All of lxe but what serves it. It does nothing before `session.open()`. */
export interface Composition {
  readonly context: Context;
  readonly session: Session;
  readonly streaming: Streaming;
  readonly handlers: CriHandlers;
}

export function composeLxe({
  platform,
  config,
  lxd: endpoint,
  environment,
  architecture,
}: CompositionOptions): Composition {
  const { clock, random, files, log, kernel } = platform;
  const lxd = connect(endpoint, config, platform);
  const index = new Index();
  const paths = new StatePaths(config.stateDir);
  const logs = new ContainerLogs({ paths, clock, files, log });
  const podLock = new KeyedLock();
  const network = new BridgeNetwork({
    lxd,
    index,
    random,
    log,
    bridgeName: config.bridgeName,
    range: config.bridgeDhcpRange,
  });
  const exits: Exits = new Exits({
    lxd,
    index,
    logs,
    files,
    paths,
    clock,
    log,
    onUnrecorded: (instance) => reconciler.readLater(instance),
    killLeftOvers: async (container) => {
      await kernel.killCgroup(cgroupOf({ index, config }, container));
      await endInput({ paths }, container);
      await terminalEnded({ paths, clock, log }, container);
    },
    wasOomKilled: (container) => kernel.wasOomKilled(cgroupOf({ index, config }, container)),
  });
  // at a start hundreds are found running: what makes lxe ready must not wait behind the logs of all of them
  const taking = new Lanes(TAKEN_AT_ONCE);
  const onRunning = (container: ContainerRecord): Promise<void> =>
    taking.run(async () => {
      await logs.open(container);
      await recoverInput({ files, paths }, container);
    });
  const tidying = new Tidying(platform);
  const followed = new FollowedResources(() => context);
  const loaders = new Loaders({ ...platform, paths, tidying });
  const reconciler: Reconciler = new Reconciler({
    lxd,
    index,
    exits,
    clock,
    log,
    onRunning,
    onResized: (container) => followed.follow(container),
    onUnstarted: (sandbox) => orphans.onUnstarted(sandbox),
    onGone: (record) => {
      loaders.drop(record.instance);
      orphans.onGone(record);
    },
  });
  const orphans = new Orphans({ lxd, files, mounts: platform.mounts, paths, index, reconciler, podLock, clock, log });
  const stopper = new Stopper({ lxd, index, reconciler, clock, log });
  const ociPlatform = nodePlatform(architecture);
  const images: Images = createImages({
    lxd,
    config,
    clock,
    files,
    log,
    storagePool: () => session.facts().pool,
    ...(ociPlatform && {
      oci: {
        random,
        environment,
        configDirectory: config.registryConfigDir,
        limits: OCI_LIMITS,
        node: ociPlatform,
        spoolDirectory: paths.pulls,
      },
    }),
  });
  let recovered = false;
  const session = new Session({
    lxd,
    clock,
    log,
    readFacts: () => readNode(lxd, files, config),
    synchronise: async () => {
      await Promise.all([network.prepare(), images.refresh()]);
      const records = await reconciler.resync();
      if (recovered) return;
      await recover({ lxd, files, mounts: platform.mounts, paths, index, reconciler, podLock, log }, records);
      // what an lxe before this one has shown as ended shows so from the first list on
      await exits.shown();
      recovered = true;
    },
    onEvent: (event) => {
      reconciler.onEvent(event);
      if (event.metadata.action.startsWith("image-")) refreshImages(images, log);
    },
  });
  const streaming = createStreaming({
    ...platform,
    config,
    log: log.child({ part: "streaming" }),
    context: () => context,
  });
  const context: Context = {
    ...platform,
    config,
    lxd,
    images,
    node: session,
    index,
    paths,
    podLock,
    network,
    logs,
    reconciler,
    orphans,
    stopper,
    exits,
    roots: new RootFileSystems({ lxd, files, paths }),
    streaming,
    relays: new PodRelays({ ...platform, lxd, index, paths, node: session }),
    tidying,
    loaders,
  };
  const handlers = rpcHandlers(context, () =>
    session.synchronised ? undefined : (session.problem ?? "LXD is being read"),
  );
  return { context, session, streaming, handlers };
}

function refreshImages(images: Images, log: Logger): void {
  images.refresh().catch((error: unknown) => log.warn({ err: error }, "the list of images could not be read"));
}

/** Before anything else is done with it. */
export async function prepareStateDir({ config, files, paths }: Context): Promise<void> {
  await files.makeDirectory(config.stateDir, 0o711);
  await files.makeDirectory(paths.pods, 0o711);
}

function lifecycle(context: Context, session: Session, server: CriServer, streaming: Streaming): Lxe {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await server.close();
      await streaming.close();
      context.reconciler.close();
      const sessionClosed = session.close();
      // what still waits for LXD must not hold up the end
      await context.lxd.destroy();
      await sessionClosed;
      await context.logs.close();
      context.loaders.close();
      await context.tidying.finish();
    })();
    return closing;
  };
  return {
    start: async () => {
      const { config } = context;
      await prepareStateDir(context);
      await bindSocket(config.socket, (path) => server.listen(path));
      try {
        await streaming.listen();
      } catch (error) {
        await server.close();
        throw error;
      }
      session.open();
    },
    whenReady: () => session.whenReady(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
