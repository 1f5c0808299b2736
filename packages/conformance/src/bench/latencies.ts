/** How long reads take, one after another, as a kubelet that has been asking for long sees it. */
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

/** So many measurements, of which the one with the lowest p99 is told, too. */
const ROUNDS = 10;

/**
 * The last figure is the p99 of the quietest of ten rounds: other work on the machine, and a host that gives its processors to
 * others, only ever make a call slower, and not all the time; what lxe itself does (collecting garbage) it does in each round.
 */
export async function latencies(
  wire: WireClient,
  { name, target, service, request }: Read,
  ids: readonly string[],
  callsPerRound: number,
): Promise<Figure[]> {
  const call = (index: number) => wire.call(pathOf(name, service), request(ids[index % ids.length] ?? ""));
  for (let index = 0; index < WARM_UP_CALLS; index++) await call(index);
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    for (let index = 0; index < callsPerRound; index++) times.push((await timed(() => call(index))).ms);
    rounds.push(times);
  }
  const judged = target === undefined ? {} : { target };
  return [
    { name: `${name} p50`, value: quantile(rounds.flat(), 0.5), unit: "ms" },
    { name: `${name} p99`, value: quantile(rounds.flat(), 0.99), unit: "ms", ...judged },
    {
      name: "  p99 of the quietest round",
      value: Math.min(...rounds.map((times) => quantile(times, 0.99))),
      unit: "ms",
      ...judged,
    },
  ];
}
