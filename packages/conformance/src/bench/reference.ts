/** containerd 2, which a figure of lxe is compared with. */
import { readFile } from "node:fs/promises";
import type { ArmInstance } from "../arms/arm.ts";
import { noContainerdReason, startContainerd } from "../arms/containerd.ts";
import type { Skipped } from "./result.ts";

const PLACE = { directory: "/tmp/lxe-bench-ctr", network: { BRIDGE: "lxebenchc0", SUBNET: "10.213.78.0/24" } };

export async function startReference(): Promise<ArmInstance | Skipped> {
  const reason = noContainerdReason();
  return reason === undefined ? startContainerd(PLACE) : { skipped: reason };
}

/** Of the daemon, once it was started. */
export async function referencePid(): Promise<number> {
  return Number(await readFile(`${PLACE.directory}.pid`, "utf8"));
}
