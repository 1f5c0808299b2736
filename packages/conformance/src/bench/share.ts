/**
 * lxe's own share of making a pod: the three RPCs through lxe, against the LXD calls that lxe makes for them, made directly.
 * Both in one run, in turns, on the same LXD. What the direct side does not do is lxe's own work: gRPC, decisions, files.
 */
import type { LxdClient } from "@lxe/lxd-client";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type BenchLxd, fakeLxd, realLxd } from "./lxds.ts";
import type { LxeProcess } from "./lxe-process.ts";
import { makePod, type Rpc, RPCS } from "./pods.ts";
import { type RecordedCall, startRecordingProxy } from "../support/recording-proxy.ts";
import { callsIn, copyFiles, type Identity, identityOf, isChange, Replay, scriptOf, type Span } from "./replay.ts";
import type { Bench, BenchOptions, Figure, Result } from "./result.ts";
import { median, timed } from "./statistics.ts";
import { openWorkbench, temporaryDirectory, type Workbench } from "./workbench.ts";

const TARGET_PERCENT = 10;
/** Pods before the ones that count: connections, compiled code, the image's users. */
const WARM_UP_PODS = 3;

export const shareOnReal: Bench = {
  name: "share-real",
  run: async (options) => {
    const lxd = await realLxd();
    return "skipped" in lxd ? lxd : share(await temporaryDirectory(), lxd, "real LXD", options);
  },
};

export const shareOnFake: Bench = {
  name: "share-fake",
  run: async (options) => {
    const directory = await temporaryDirectory();
    return share(directory, await fakeLxd(directory, "real"), "fake LXD, timed as the real one", options);
  },
};

async function share(directory: string, lxd: BenchLxd, where: string, options: BenchOptions): Promise<Result> {
  await using bench = await openWorkbench(directory, lxd, options.program);
  const recorded = await record(bench);
  await using lxe = await bench.startLxe();
  for (let pod = 0; pod < WARM_UP_PODS; pod++) await throughLxe(bench, lxe, `warm-${pod}`);
  const replay = new Replay(bench.lxd, recorded.script, recorded.identity);
  // as lxe does, the direct side keeps its events connection open
  using _events = bench.lxd.events.subscribe({});
  const rounds: Round[] = [];
  for (let round = 0; round < (options.quick ? 4 : 20); round++) {
    const viaLxe = () => throughLxe(bench, lxe, `via-${round}`);
    const direct = () => directly(bench, lxe, { recorded, replay, round });
    // who begins takes turns, too
    if (round % 2 === 0) rounds.push({ lxe: await viaLxe(), direct: await direct() });
    else rounds.push(await reversed(direct, viaLxe));
  }
  return summary(rounds, callsIn(recorded.script), where);
}

interface Round {
  readonly lxe: Times;
  readonly direct: Times & { readonly changesMs: number };
}

type Times = Readonly<Record<Rpc, number>>;

async function reversed(direct: () => Promise<Round["direct"]>, viaLxe: () => Promise<Times>): Promise<Round> {
  const first = await direct();
  return { direct: first, lxe: await viaLxe() };
}

interface Recorded {
  readonly script: ReturnType<typeof scriptOf>;
  readonly identity: Identity;
  readonly instances: readonly string[];
  /** A copy of lxe's files of the pod. */
  readonly files: string;
}

/** What lxe asks of LXD for a pod, once all that is asked only for the first pod is done. */
async function record(bench: Workbench): Promise<Recorded> {
  await using proxy = await startRecordingProxy(join(bench.directory, "proxy.sock"), bench.lxdSocket);
  await using lxe = await bench.startLxe({ lxdSocket: proxy.socketPath });
  await throughLxe(bench, lxe, "first");
  await proxy.take();
  const spans = noSpans();
  const pod = await makePod(lxe.cri, bench, "recorded", async (rpc, call) => {
    const startMs = performance.now();
    await call();
    spans[rpc] = { startMs, endMs: performance.now() };
  });
  const calls = await proxy.take();
  const files = join(bench.directory, "files");
  const instances = createdIn(calls);
  await copyFiles(bench.stateDir, files, instances, (name) => name);
  await lxe.cri.removePodSandbox({ podSandboxId: pod });
  return { script: scriptOf(calls, spans), identity: identityOf(calls), instances, files };
}

function noSpans(): Record<Rpc, Span> {
  const none = { startMs: 0, endMs: 0 };
  return { RunPodSandbox: none, CreateContainer: none, StartContainer: none };
}

function createdIn(calls: readonly RecordedCall[]): string[] {
  const creations = calls.filter((call) => isChange(call) && call.path === "/1.0/instances");
  return creations.map(({ body }) => (JSON.parse(body) as { name: string }).name);
}

/** Removing the pod is not part of the times. */
async function throughLxe(bench: Workbench, lxe: LxeProcess, name: string): Promise<Times> {
  const times = { RunPodSandbox: 0, CreateContainer: 0, StartContainer: 0 };
  const podSandboxId = await makePod(lxe.cri, bench, name, async (rpc, call) => {
    times[rpc] = (await timed(call)).ms;
  });
  await lxe.cri.removePodSandbox({ podSandboxId });
  return times;
}

interface DirectRound {
  readonly recorded: Recorded;
  readonly replay: Replay;
  readonly round: number;
}

/** lxe stands still meanwhile: it would read every instance that appears. */
async function directly(bench: Workbench, lxe: LxeProcess, { recorded, replay, round }: DirectRound) {
  const identity = { instance: `direct-${round}-0123abcd`, address: `${bench.addressPrefix}250` };
  const naming = (name: string) => name.replace(recorded.identity.instance, identity.instance);
  const names = recorded.instances.map(naming);
  await copyFiles(recorded.files, bench.stateDir, recorded.instances, naming);
  lxe.suspend();
  const times = { RunPodSandbox: 0, CreateContainer: 0, StartContainer: 0, changesMs: 0 };
  try {
    for (const rpc of RPCS) {
      const { ms, changesMs } = await replay.run(rpc, identity);
      times[rpc] = ms;
      times.changesMs += changesMs;
    }
  } finally {
    for (const name of names.toReversed()) await removeInstance(bench.lxd, name);
    await lxe.resume();
    await removeFiles(bench.stateDir, names);
  }
  return times;
}

async function removeInstance(lxd: LxdClient, name: string): Promise<void> {
  await lxd.instances.setState(name, { action: "stop", force: true, timeout: -1 });
  await lxd.instances.delete(name);
}

async function removeFiles(stateDir: string, names: readonly string[]): Promise<void> {
  for (const kind of ["pods", "containers"]) {
    await mkdir(join(stateDir, kind), { recursive: true });
    for (const name of names) await rm(join(stateDir, kind, name), { recursive: true, force: true });
  }
}

const sum = (times: Times): number => RPCS.reduce((total, rpc) => total + times[rpc], 0);

function summary(rounds: readonly Round[], calls: number, where: string): Result {
  const viaLxe = median(rounds.map(({ lxe }) => sum(lxe)));
  const direct = median(rounds.map((round) => sum(round.direct)));
  const changes = median(rounds.map((round) => round.direct.changesMs));
  const perRpc = RPCS.map((rpc) => {
    const through = median(rounds.map(({ lxe }) => lxe[rpc]));
    const calls = median(rounds.map((round) => round.direct[rpc]));
    return `${rpc} ${through.toFixed(1)} ms, its LXD calls ${calls.toFixed(1)} ms, own ${(through - calls).toFixed(1)} ms`;
  });
  const own: Figure = {
    name: `lxe's own share of making a pod (${where})`,
    value: (viaLxe / direct - 1) * 100,
    unit: "%",
    target: TARGET_PERCENT,
  };
  return {
    figures: [
      own,
      { name: "  through lxe", value: viaLxe, unit: "ms" },
      { name: `  the same ${calls} LXD calls directly`, value: direct, unit: "ms" },
      { name: "  of these, the calls that change something", value: changes, unit: "ms" },
    ],
    notes: [`${where}, medians of ${rounds.length} pods each:`, ...perRpc.map((line) => `  ${line}`)],
  };
}
