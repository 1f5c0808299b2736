/** containerd 2, which a figure of lxe is compared with. */
import { createCriClient, type CriClient } from "@lxe/cri";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { noContainerdReason } from "../arms/containerd.ts";
import { CONTAINERD_SCRIPT } from "../support/paths.ts";
import type { Skipped } from "./result.ts";

/** Always the same, so that the next run finds what a killed one left. Short: sockets lie below it. */
const DIRECTORY = "/tmp/lxe-bench-ctr";
const NETWORK = { BRIDGE: "lxebenchc0", SUBNET: "10.213.78.0/24" };

export interface Reference extends AsyncDisposable {
  readonly cri: CriClient;
}

export async function startReference(timeoutMs: number): Promise<Reference | Skipped> {
  const reason = noContainerdReason();
  if (reason !== undefined) return { skipped: reason };
  const script = (command: string) =>
    promisify(execFile)(CONTAINERD_SCRIPT, [command, DIRECTORY], { env: { ...process.env, ...NETWORK } });
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => void (await script("stop")));
  await script("start");
  const cri = undo.use(createCriClient(`unix://${join(DIRECTORY, "containerd.sock")}`, { timeoutMs }));
  const owned = undo.move();
  return { cri, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
