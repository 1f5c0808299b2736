/** RuntimeConfig: the cgroup driver, which the kubelet takes over. UpdateRuntimeConfig: nothing to do with the pod CIDR, the bridge has its own. */

import { CgroupDriver, type RuntimeConfigResponse, type UpdateRuntimeConfigResponse } from "@lxe/cri";
import type { Context } from "../context.ts";

const SYSTEMD_RUNS = "/run/systemd/system";

export async function runtimeConfig({ config, files }: Context): Promise<RuntimeConfigResponse> {
  const systemd =
    config.cgroupDriver === "systemd" ||
    (config.cgroupDriver === "auto" && (await files.stat(SYSTEMD_RUNS)) !== undefined);
  return { linux: { cgroupDriver: systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS } };
}

/** Pods on LXD's bridge get their addresses from the bridge's own subnet, whatever CIDR the node was given. */
export async function updateRuntimeConfig(): Promise<UpdateRuntimeConfigResponse> {
  return {};
}
