/** Forwards a client's connections into a pod, for as long as the client and the pod are there. */

import { FailedPreconditionError } from "@lxe/cri";
import { joinPortForward, type PortForwardPair, type PortForwardSession } from "@lxe/cri/streaming";
import type { Context } from "../context.ts";
import { isReady, type SandboxRecord } from "../model/records.ts";

type ForwardContext = Pick<Context, "relays" | "clock">;

/** Resolves when the client has gone or the sandbox has stopped; then nothing of it is left. */
export async function forwardPorts(
  { relays, clock }: ForwardContext,
  sandbox: SandboxRecord,
  session: PortForwardSession,
  signal: AbortSignal,
): Promise<void> {
  if (!isReady(sandbox)) throw new FailedPreconditionError(`pod sandbox ${sandbox.id} is not ready`);
  await using relay = relays.use(sandbox);
  const over = AbortSignal.any([signal, relay.ended]);
  const forward = async (pair: PortForwardPair): Promise<void> => {
    try {
      await joinPortForward(pair, await relay.connect(pair.port, over), { clock });
    } catch (error) {
      await pair.finish(error);
    }
  };
  const serve = async (): Promise<void> => {
    const running = new Set<Promise<void>>();
    for await (const pair of session) {
      const forwarded = forward(pair).finally(() => running.delete(forwarded));
      running.add(forwarded);
    }
    await Promise.all(running);
  };
  await Promise.race([serve(), aborted(over)]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
