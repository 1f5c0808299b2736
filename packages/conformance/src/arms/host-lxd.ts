/** The real LXD of this machine: one that is running already, or one of our own by `lxd/lxd.sh`. */
import { createLxdClient } from "@lxe/lxd-client";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { eventually } from "../support/eventually.ts";
import { LXD_SCRIPT } from "../support/paths.ts";
import type { Daemon } from "./arm.ts";

const run = promisify(execFile);

export interface HostLxd {
  readonly socket: string;
  readonly bridgeName: string;
  /** Only where its directory is known, as that of an LXD of our own is. */
  readonly daemon: Daemon | undefined;
}

/**
 * LXE_TEST_LXD_SOCKET: its socket. LXE_TEST_LXD_DIR: the directory of `lxd.sh start`; then the daemon may be restarted.
 * LXE_TEST_BRIDGE: the bridge for pods, default that of `lxd.sh`. Undefined where neither of the first two is set.
 */
export function hostLxd(environment: NodeJS.ProcessEnv): HostLxd | undefined {
  const directory = environment["LXE_TEST_LXD_DIR"];
  const socket = environment["LXE_TEST_LXD_SOCKET"] ?? (directory && `${directory}/unix.socket`);
  if (!socket) return undefined;
  const bridgeName = environment["LXE_TEST_BRIDGE"] ?? "lxetest0";
  return { socket, bridgeName, daemon: directory ? daemonIn(directory, { socket, bridgeName }) : undefined };
}

/** `lxd.sh` takes the same variable. */
const programs = (): string[] => (process.env["DAEMON"] === "incus" ? ["incus"] : ["lxd", "lxc"]);

/** Why no LXD can be started here; undefined: it can. */
export function noLxdReason(): string | undefined {
  if (process.platform !== "linux") return "LXD needs Linux";
  if (process.getuid?.() !== 0) return "LXD needs root";
  const places = (process.env["PATH"] ?? "").split(":");
  const missing = programs().filter((program) => !places.some((place) => existsSync(`${place}/${program}`)));
  if (missing.length > 0) return `not installed: ${missing.join(", ")} (packages/conformance/lxd/lxd.sh install)`;
  return undefined;
}

/** LXD keeps its containers running when it is killed; a graceful end of it would stop them. */
function daemonIn(directory: string, lxd: Pick<HostLxd, "socket" | "bridgeName">): Daemon {
  return {
    stop: async () => void (await run(LXD_SCRIPT, ["down", directory])),
    start: async () => {
      await run(LXD_SCRIPT, ["up", directory]);
      await untilBridged(lxd);
    },
  };
}

/** Longer than the minute after which LXD tries again. */
const BRIDGE_TIMEOUT_MS = 150_000;

/**
 * A killed LXD leaves its dnsmasq, which the next one replaces. On a busy machine the new dnsmasq comes before the old one's address is
 * free, and LXD has no network then, until it tries again.
 */
async function untilBridged({ socket, bridgeName }: Pick<HostLxd, "socket" | "bridgeName">): Promise<void> {
  await using lxd = createLxdClient({ socketPath: socket });
  await eventually(
    `LXD has started ${bridgeName}`,
    async () => (await lxd.networks.get(bridgeName)).value.status,
    (status) => status === "Created",
    { timeoutMs: BRIDGE_TIMEOUT_MS },
  );
}
