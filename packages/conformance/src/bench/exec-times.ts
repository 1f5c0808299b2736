/** How long short commands take: beside LXD's own exec, and many at once. */
import { ExecSyncRequest, ExecSyncResponse } from "@lxe/cri";
import type { LxdClient } from "@lxe/lxd-client";
import { lxdInstance } from "../support/lxd-instance.ts";
import { StreamClient } from "../support/stream-client.ts";
import { pathOf } from "./latencies.ts";
import type { Figure } from "./result.ts";
import { median, quantile, timed } from "./statistics.ts";
import type { StreamSide } from "./stream-sides.ts";

/** Over LXD's own time. */
const OVER_MS = 5;
const AT_ONCE = 100;

/** `true` by ExecSync and by LXD, in turns; by the reference afterwards. */
export async function execSyncFigures(
  lxd: LxdClient,
  [own, other]: readonly [StreamSide, StreamSide | undefined],
  rounds: number,
): Promise<Figure[]> {
  const { name } = await lxdInstance(lxd, own.container.id);
  const [lxe = [], direct = []] = await inTurns([() => execSync(own), () => lxdExec(lxd, name)], rounds);
  // not in turns with the others: what it tidies up after each command would fall into their time
  const [reference] = other ? await inTurns([() => execSync(other)], rounds) : [];
  return [
    { name: "ExecSync true, p50", value: median(lxe), unit: "ms", target: round(median(direct) + OVER_MS) },
    { name: "  p99", value: quantile(lxe, 0.99), unit: "ms" },
    { name: "  LXD's own exec, p50", value: median(direct), unit: "ms" },
    ...(reference ? [{ name: "  containerd, p50", value: median(reference), unit: "ms" as const }] : []),
  ];
}

const WARM_UPS = 3;

/** Who begins takes turns. Times in milliseconds, of each way. */
async function inTurns(ways: readonly (() => Promise<void>)[], rounds: number): Promise<number[][]> {
  const times: number[][] = ways.map(() => []);
  const measured = [...ways.entries()];
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const [index, way] of round % 2 === 0 ? measured : measured.toReversed()) {
      const { ms } = await timed(way);
      if (round >= 0) times[index]?.push(ms);
    }
  }
  return times;
}

const round = (ms: number): number => Math.round(ms * 100) / 100;

async function execSync({ wire, container }: StreamSide): Promise<void> {
  const request = ExecSyncRequest.fromPartial({ containerId: container.id, cmd: ["true"], timeout: 60n });
  const response = await wire.call(pathOf("ExecSync"), ExecSyncRequest.encode(request).finish());
  const { exitCode } = ExecSyncResponse.decode(response);
  if (exitCode !== 0) throw new Error(`true ended with ${exitCode}`);
}

async function lxdExec(lxd: LxdClient, instance: string): Promise<void> {
  const started = await lxd.operations.start({
    method: "POST",
    path: `/1.0/instances/${instance}/exec`,
    body: { command: ["/bin/true"], "wait-for-websocket": false, interactive: false },
  });
  const { err, metadata } = await started.waitEnd();
  if (err !== "" || metadata?.["return"] !== 0) throw new Error(`LXD's exec failed: ${err}`);
}

/** Each with output and exit code of its own. */
export async function parallelFigures(sides: readonly StreamSide[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [index, side] of sides.entries()) {
    const { value, ms } = await timed(() =>
      Promise.all(Array.from({ length: AT_ONCE }, (_, number) => one(side, number))),
    );
    const failed = value.filter((isRight) => !isRight).length;
    if (index > 0) figures.push({ name: "  containerd", value: ms, unit: "ms" });
    else
      figures.push(
        { name: `${AT_ONCE} execs at once, of which fail`, value: failed, unit: "calls", target: 0 },
        { name: "  until the last has ended", value: ms, unit: "ms" },
      );
  }
  return figures;
}

async function one({ cri, container }: StreamSide, number: number): Promise<boolean> {
  const cmd = ["sh", "-c", `echo ${number}; exit ${number}`];
  const { url } = await cri.exec({ containerId: container.id, cmd, stdout: true, stderr: true });
  await using client = await StreamClient.open(url);
  const { code, stdout, stderr } = await client.result();
  return code === number && stdout === `${number}\n` && stderr === "";
}
