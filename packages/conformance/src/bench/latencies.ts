/** How long reads take, one after another, as a kubelet that has been asking for long sees it. */
import { VersionRequest } from "@lxe/cri";
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

/** What any call costs here and now. */
export const NOTHING: Read = {
  name: "Version",
  request: () => VersionRequest.encode(VersionRequest.fromPartial({})).finish(),
};

/**
 * Of each read, before any that counts. V8 goes on compiling what is asked for, in threads that take processors from both sides: on
 * two processors the p99 of an image's status was 1.5 ms in the first 10,000 calls, 1.0 in the next, 0.5 from the third on.
 */
const WARM_UP_CALLS = 25_000;

/** Before each round: who was suspended, or asked for something else, begins with cold caches, which a kubelet's runtime has not. */
const REVIVING_CALLS = 100;

export const pathOf = (rpc: string, service = "RuntimeService"): string => `/runtime.v1.${service}/${rpc}`;

/** So many measurements, of which the one with the lowest p99 is told, too. */
const ROUNDS = 10;

/** Who is asked. */
export interface Side {
  readonly name: string;
  readonly wire: WireClient;
  /** Of the process that answers. */
  readonly pid: number;
}

/**
 * Of the first side, and beside it of the others; all reads and sides in turns. Who is not asked is suspended: on two processors
 * what a daemon still does after a thousand calls (collecting its garbage) would be measured as the next one's, at twice its p99.
 * The last figure of each is the p99 of the quietest of ten rounds: other work on the machine, and a host that gives its processors to
 * others, only ever make a call slower, and not all the time; what lxe itself does (collecting garbage) it does in each round.
 */
export async function latencies(
  sides: readonly Side[],
  reads: readonly Read[],
  ids: readonly string[],
  callsPerRound: number,
): Promise<Figure[]> {
  const measured = reads.flatMap((read) =>
    sides.map((side, index) => ({ read, side, isFirst: index === 0, rounds: [] as number[][] })),
  );
  const alone = (side: Side, read: Read, calls: number): Promise<number[]> =>
    whileSuspended(
      sides.filter((other) => other !== side),
      async () => {
        await times(side.wire, read, ids, REVIVING_CALLS);
        return times(side.wire, read, ids, calls);
      },
    );
  for (const { read, side } of measured) await alone(side, read, WARM_UP_CALLS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const { read, side, rounds } of measured) rounds.push(await alone(side, read, callsPerRound));
  }
  return measured.flatMap(({ read, side, isFirst, rounds }) =>
    isFirst
      ? figures(read.name, "  p99 of the quietest round", rounds, read.target)
      : figures(`  ${side.name}`, `  ${side.name} p99 of the quietest round`, rounds, undefined),
  );
}

async function whileSuspended<T>(sides: readonly Side[], work: () => Promise<T>): Promise<T> {
  for (const { pid } of sides) process.kill(pid, "SIGSTOP");
  try {
    return await work();
  } finally {
    for (const { pid } of sides) process.kill(pid, "SIGCONT");
  }
}

/** In ms, of so many calls, one after another. */
async function times(
  wire: WireClient,
  { name, service, request }: Read,
  ids: readonly string[],
  calls: number,
): Promise<number[]> {
  const measured: number[] = [];
  for (let index = 0; index < calls; index++) {
    const message = request(ids[index % ids.length] ?? "");
    measured.push((await timed(() => wire.call(pathOf(name, service), message))).ms);
  }
  return measured;
}

function figures(
  name: string,
  quietestName: string,
  rounds: readonly (readonly number[])[],
  target: number | undefined,
): Figure[] {
  const judged = target === undefined ? {} : { target };
  const quietest = Math.min(...rounds.map((round) => quantile(round, 0.99)));
  return [
    { name: `${name} p50`, value: quantile(rounds.flat(), 0.5), unit: "ms" },
    { name: `${name} p99`, value: quantile(rounds.flat(), 0.99), unit: "ms", ...judged },
    { name: quietestName, value: quietest, unit: "ms", ...judged },
  ];
}
