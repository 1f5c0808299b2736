/** `lxe serve` as a process of its own, so that it can be killed like one. */
import { type CriClient, createCriClient } from "@lxe/cri";
import { type Child, startChild } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { LXE_PROGRAM } from "../support/paths.ts";
import type { Daemon, StopKind } from "./arm.ts";

export interface LxeDaemonOptions {
  readonly socket: string;
  readonly stateDir: string;
  readonly lxdSocket: string;
  readonly bridgeName: string;
  /** With hosts.toml files. */
  readonly registryConfigDir?: string;
  readonly logFile: string;
  /** It outlives this process. */
  readonly detached?: boolean;
  /** Where OOM kills are told, if not in the host's own kernel log. */
  readonly kernelLog?: string | undefined;
}

const READY_TIMEOUT_MS = 60_000;

export function lxeDaemon(options: LxeDaemonOptions): Daemon {
  let child: Child | undefined;
  return {
    start: async () => {
      child = startChild(commandOf(options), {
        logFile: options.logFile,
        env: environmentOfLxe(),
        detached: options.detached ?? false,
      });
      const running = child;
      await using cri = createCriClient(`unix://${options.socket}`);
      const gone = running.exited.then((end) => {
        throw new Error(`${end}:\n${running.lastOutput()}`);
      });
      await Promise.race([whenReady(cri), gone]);
    },
    stop: async (kind: StopKind) => {
      await child?.end(kind === "kill" ? "SIGKILL" : "SIGTERM");
      child = undefined;
    },
  };
}

function commandOf(options: LxeDaemonOptions): [string, ...string[]] {
  return [
    process.execPath,
    LXE_PROGRAM,
    "serve",
    `--socket=${options.socket}`,
    `--state-dir=${options.stateDir}`,
    `--lxd-socket=${options.lxdSocket}`,
    `--bridge-name=${options.bridgeName}`,
    ...(options.registryConfigDir === undefined ? [] : [`--registry-config-dir=${options.registryConfigDir}`]),
    ...(options.kernelLog === undefined ? [] : [`--kernel-log=${options.kernelLog}`]),
    "--log-level=debug",
  ];
}

/** Without settings of lxe: those of whoever runs the tests are not meant for it. */
function environmentOfLxe(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LXE_")));
}

/** Ready is what the kubelet calls ready: all conditions hold. */
async function whenReady(cri: CriClient): Promise<void> {
  await eventually(
    "lxe is ready",
    async () => (await cri.status({}, { timeoutMs: 5000 })).status?.conditions ?? [],
    (conditions) => conditions.length >= 2 && conditions.every(({ status }) => status),
    { timeoutMs: READY_TIMEOUT_MS },
  );
}
