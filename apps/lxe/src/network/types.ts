/** What a network plugin gives to a sandbox. */

import type { PodSandboxConfig } from "@lxe/cri";
import type { DeviceMap } from "@lxe/lxd-client";
import type { NodeFacts } from "../node.ts";
import type { RawLine } from "../translate/raw-lxc.ts";

export interface PodNetwork {
  /** The first is the pod's IP. */
  readonly addresses: readonly string[];
  readonly devices: DeviceMap;
  readonly raw: readonly RawLine[];
}

/** An address that is held until its sandbox is in the index, or nothing became of it. */
export interface NetworkClaim extends Disposable {
  readonly network: PodNetwork;
}

export interface NetworkPlugin {
  /** Undefined when pods can have a network now, else why not. */
  notReady(): string | undefined;
  /** Finds out about the network, and makes it where it is missing. Called at start and when LXD comes back. */
  prepare(signal?: AbortSignal): Promise<void>;
  claim(config: PodSandboxConfig, node: NodeFacts, signal?: AbortSignal): Promise<NetworkClaim>;
}
