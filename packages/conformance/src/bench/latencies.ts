/** How long reads take, one after another, as a kubelet that has been asking for long sees it. */
import { processorWaitMs } from "./process-usage.ts";
import type { Figure } from "./result.ts";
import { quantile, timed } from "./statistics.ts";
import type { WireClient } from "./wire-client.ts";

export interface Read {
  /** Of the RPC. */
  readonly name: string;
  /** For its p99. */
  readonly target?: number;
  /** Default `RuntimeService`. */
  readonly service?: "RuntimeService" | "ImageService";
  readonly request: (id: string) => Uint8Array;
}

/** Before those that count: V8 has compiled what is asked for (in threads that take processors). */
const WARM_UP_CALLS = 5000;

export const pathOf = (rpc: string, service = "RuntimeService"): string => `/runtime.v1.${service}/${rpc}`;

/** The second p99 is without the time in which one of the two processes had no processor: that of a machine with free ones. */
export async function latencies(
  wire: WireClient,
  pid: number,
  { name, target, service, request }: Read,
  ids: readonly string[],
  calls: number,
): Promise<Figure[]> {
  const call = (index: number) => wire.call(pathOf(name, service), request(ids[index % ids.length] ?? ""));
  for (let index = 0; index < WARM_UP_CALLS; index++) await call(index);
  const times: number[] = [];
  const undisturbed: number[] = [];
  for (let index = 0; index < calls; index++) {
    const before = waits(pid);
    const { ms } = await timed(() => call(index));
    times.push(ms);
    undisturbed.push(ms - (waits(pid) - before));
  }
  const judged = target === undefined ? {} : { target };
  return [
    { name: `${name} p50`, value: quantile(times, 0.5), unit: "ms" },
    { name: `${name} p99`, value: quantile(times, 0.99), unit: "ms", ...judged },
    { name: "  p99 less waiting for a processor", value: quantile(undisturbed, 0.99), unit: "ms", ...judged },
  ];
}

const waits = (pid: number): number => processorWaitMs(pid) + processorWaitMs(process.pid);
