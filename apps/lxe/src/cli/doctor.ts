/**
 * `lxe doctor`: what a node lacks for lxe, and what to do about it. Looks only, changes nothing; the daemon may run or not.
 */
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isLoopbackHost } from "@lxe/cri/streaming";
import { UnavailableError } from "@lxe/cri";
import { createLxdClient, isLxdError, type LxdClient } from "@lxe/lxd-client";
import type { Config } from "../config/config.ts";
import { checkOnHost } from "../config/host-check.ts";
import { parseHostAndPort } from "../config/value-schemas.ts";
import { lxdProjectOf, lxdSocketOf } from "../lxd-place.ts";
import { readBridge } from "../network/bridge.ts";
import { choosePool, readProfiles } from "../node.ts";
import { probeSocket } from "../platform/socket.ts";

/** `problem`: pods will not run like this; `note`: worth knowing. */
export interface Finding {
  readonly kind: "fine" | "note" | "problem";
  /** One line, with what to do where there is something to do. */
  readonly text: string;
}

const fine = (text: string): Finding => ({ kind: "fine", text });
const note = (text: string): Finding => ({ kind: "note", text });
const problem = (text: string): Finding => ({ kind: "problem", text });

const LXD_TIMEOUT_MS = 5000;
/** Of a directory that others may enter. */
const OTHERS_ENTER = 0o001;

export async function diagnose(config: Config, environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const socketPath = lxdSocketOf(config, environment);
  await using lxd = createLxdClient({ socketPath }, { project: lxdProjectOf(config), userAgent: "lxe-doctor" });
  const [host, state, served, onServer] = await Promise.all([
    onHost(config),
    stateDirectory(config),
    daemon(config),
    onLxd(config, lxd, socketPath),
  ]);
  return [...host, ...state, ...onServer, ...served, ...streaming(config)];
}

async function onHost(config: Config): Promise<Finding[]> {
  const problems = await checkOnHost(config);
  const user = process.getuid?.() === 0 ? [] : [note("this user is not root: what only root may see is not looked at")];
  return [
    ...(problems.length === 0 ? [fine("the configuration is valid for this host")] : problems.map(problem)),
    ...user,
  ];
}

/** Containers read files below it as users of their own. */
async function stateDirectory({ stateDir }: Config): Promise<Finding[]> {
  const closed: string[] = [];
  for (let path = stateDir; path !== dirname(path); path = dirname(path)) {
    const info = await stat(path).catch(() => undefined);
    if (info !== undefined && (info.mode & OTHERS_ENTER) === 0) closed.push(path);
  }
  return closed.map((path) =>
    problem(`state-dir: containers cannot enter ${path}: chmod o+x ${path}, or choose another state-dir`),
  );
}

async function daemon({ socket }: Config): Promise<Finding[]> {
  const answer = await probeSocket(socket).catch(() => undefined);
  return answer === "answers"
    ? [fine(`a daemon serves ${socket}`)]
    : [note(`nobody serves ${socket}: start lxe (systemctl start lxe, or lxe serve)`)];
}

function streaming({ streamingBindaddr, streamingTlsCert }: Config): Finding[] {
  const host = parseHostAndPort(streamingBindaddr)?.host ?? "";
  if (isLoopbackHost(host)) return [fine("exec, attach and port-forward are served for this host alone")];
  const open = `streaming-bindaddr: exec, attach and port-forward can be reached from other hosts at ${streamingBindaddr}`;
  const plain = streamingTlsCert === undefined ? ", without TLS" : "";
  return [note(`${open}${plain}: set it to 127.0.0.1:0 unless other hosts need it`)];
}

async function onLxd(config: Config, lxd: LxdClient, socketPath: string): Promise<Finding[]> {
  const signal = AbortSignal.timeout(LXD_TIMEOUT_MS);
  try {
    const server = await lxd.server.get({ signal });
    if (server.auth !== "trusted") return [problem(`LXD at ${socketPath} does not trust this user: run lxe as root`)];
    const { server: name = "LXD", server_version: version = "" } = server.environment ?? {};
    const parts = await Promise.all([rootDisks(config, lxd, signal), bridge(config, lxd, signal)]);
    return [fine(`${name} ${version} answers at ${socketPath}`), ...parts];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [problem(`lxd-socket: LXD does not answer at ${socketPath} (${reason}): start it, or set lxd-socket`)];
  }
}

async function rootDisks(config: Config, lxd: LxdClient, signal: AbortSignal): Promise<Finding> {
  try {
    const pool = await choosePool(lxd, config, await readProfiles(lxd, config, signal), signal);
    return fine(`root disks are made in the storage pool ${pool}`);
  } catch (error) {
    if (isLxdError(error, "not-found")) return problem(`lxd-profiles: ${error.message}: lxc profile create NAME`);
    if (error instanceof UnavailableError) return problem(error.message);
    throw error;
  }
}

async function bridge(config: Config, lxd: LxdClient, signal: AbortSignal): Promise<Finding> {
  const { bridgeName } = config;
  try {
    const { value: network } = await lxd.networks.get(bridgeName, { signal });
    const { problem: missing } = readBridge(bridgeName, network, config.bridgeDhcpRange);
    if (missing !== undefined) return problem(`bridge-name: ${missing}`);
    return fine(`pods get addresses of the bridge ${bridgeName}, ${network.config["ipv4.address"]}`);
  } catch (error) {
    if (!isLxdError(error, "not-found")) throw error;
    return note(`the bridge ${bridgeName} is not there yet: lxe makes it when it starts`);
  }
}
