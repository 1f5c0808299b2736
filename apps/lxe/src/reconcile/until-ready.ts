/** Whether a pod's pause container runs on after its start. */
import { UnknownError } from "@lxe/cri";
import type { Context } from "../context.ts";
import { isReady } from "../model/records.ts";

const READS = 10;
const READ_AGAIN_MS = 100;

/**
 * Resolves when the index shows the sandbox as ready. LXD may show what it has just started as stopped for a moment.
 * @throws UnknownError for one that stays so: it has ended, and is no pod to make containers in.
 */
export async function untilReady(
  { reconciler, index, clock }: Pick<Context, "reconciler" | "index" | "clock">,
  instance: string,
  signal: AbortSignal,
): Promise<void> {
  for (let reads = 0; reads < READS; reads++) {
    if (reads > 0) await clock.sleep(READ_AGAIN_MS, signal);
    await reconciler.read(instance);
    const record = index.byInstance(instance);
    if (record?.kind === "sandbox" && isReady(record)) return;
  }
  throw new UnknownError(`the pod's pause container ${instance} ended as soon as it was started; LXC's log tells why`);
}
