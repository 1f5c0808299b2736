/** What runs init programs in tests. */

import { spawnSync } from "node:child_process";
import type { Machine } from "../machine.ts";

/** LXD's name of this machine's architecture. */
export const own: string = process.arch === "arm64" ? "aarch64" : "x86_64";

/** What runs programs for a machine here: nothing more for this one, an emulator for others; undefined: nothing does. */
export function runnerFor({ architecture }: Machine): string[] | undefined {
  if (architecture === own) return [];
  const emulator = `qemu-${architecture}-static`;
  return spawnSync(emulator, ["--version"]).status === 0 ? [emulator] : undefined;
}
