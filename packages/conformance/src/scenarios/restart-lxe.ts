/** The runtime ends and comes back, politely or killed at any moment; nobody in a pod notices. */
import { ContainerState, type DeepPartial, PodSandboxState, type Mount } from "@lxe/cri";
import type { LxdClient } from "@lxe/lxd-client";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { restartRuntime } from "../arms/arm.ts";
import { COUNT, expectCounted } from "../support/counting.ts";
import { eventually } from "../support/eventually.ts";
import { readLog, textOf } from "../support/log-file.ts";
import { lxdInstance } from "../support/lxd-instance.ts";
import { preparePod, runPod, type TestPod } from "../support/pod.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

const { CONTAINER_EXITED, CONTAINER_RUNNING } = ContainerState;

/** Ends with the code once `/signal/go` exists. */
const waitThenExit = (code: number): string => `while [ ! -e /signal/go ]; do usleep 20000; done; exit ${code}`;

async function signalDirectory(pod: TestPod): Promise<{ path: string; mounts: DeepPartial<Mount>[] }> {
  const path = join(pod.directory, "signal");
  await mkdir(path);
  return { path, mounts: [{ hostPath: path, containerPath: "/signal" }] };
}

/** LXC tells of an end a moment after the process has gone. */
async function endLogged(lxd: LxdClient, name: string): Promise<string> {
  return await eventually(
    "LXC's log tells of the end",
    async () => (await lxd.instances.logs.get(name, "lxc.log")).toString(),
    (log) => / ended on /.test(log),
  );
}

const SECOND = 1_000_000_000n;
const now = (): bigint => BigInt(Date.now()) * 1_000_000n;

/** LXC's log has an end in the first tenth of a second later in that second: the zeros after the point are left out. */
async function secondIsExact(): Promise<void> {
  await eventually(
    "a second's first tenth is over, and half of it is left",
    () => now() % SECOND,
    (part) => part >= SECOND / 10n && part < SECOND / 2n,
  );
}

/** Until when LXC's log may have what ended between the two. */
function latestTold(before: bigint, after: bigint): bigint {
  return before / SECOND === after / SECOND ? after : (after / SECOND + 1n) * SECOND;
}

/** Begins to listen; `reached` resolves when LXD has told of `count` changes of instances. */
async function changes(lxd: LxdClient, count: number): Promise<{ reached: Promise<void> }> {
  const connected = Promise.withResolvers<void>();
  const enough = Promise.withResolvers<void>();
  let seen = 0;
  const subscription = lxd.events.subscribe({
    resync: () => connected.resolve(),
    lifecycle: () => {
      seen += 1;
      if (seen === count) enough.resolve();
    },
  });
  await connected.promise;
  return { reached: enough.promise.finally(() => subscription.close()) };
}

/** What a kubelet does until it has what it wants: the same requests, again and again. */
async function insistOnPod(pod: TestPod): Promise<string> {
  const { cri } = pod.arm;
  return eventually(
    "the pod runs its container",
    async () => {
      await pod.run();
      const { containers } = await cri.listContainers({ filter: { podSandboxId: pod.id } });
      const [existing] = containers;
      if (existing?.state === CONTAINER_RUNNING) return existing.id;
      if (existing) await cri.removeContainer({ containerId: existing.id });
      return (await pod.start()).id;
    },
    (id) => id !== "",
    { timeoutMs: 120_000 },
  );
}

const LXD_TELLS = "the moment of the kill is counted in LXD's events";

export const restartOfLxe: Theme = {
  name: "restart of the runtime",
  scenarios: [
    scenario("killed again and again: containers run on and no line of their logs is lost or doubled", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: COUNT });
      const { pid } = await arm.task(container.id);
      const before = await container.status();
      const rotated: string[] = [];
      for (let round = 0; round < 4; round++) {
        const seen = (
          await eventually(
            "the log grows",
            () => container.log(),
            ({ length }) => length > 20,
          )
        ).length;
        await restartRuntime(arm, "kill");
        await eventually(
          "the log goes on",
          () => container.log(),
          ({ length }) => length > seen + 20,
        );
        const old = `${container.logPath}.${round}`;
        await rename(container.logPath, old);
        await arm.cri.reopenContainerLog({ containerId: container.id });
        rotated.push(old);
      }
      expect(await container.status()).toEqual(before);
      expect((await arm.task(container.id)).pid).toBe(pid);
      await container.stop(0);
      const files = [...rotated, container.logPath];
      const texts = await Promise.all(files.map(async (file) => textOf(await readLog(file), "stdout")));
      expectCounted(texts.join(""));
    }),

    lxeScenario(
      "an exit meanwhile has its code, its time and its last words",
      "containerd says 255 and Unknown, and has no log of it",
      async (arm, lxd) => {
        await using pod = await runPod(arm);
        const signal = await signalDirectory(pod);
        const script = `echo early; ${waitThenExit(9).replace("exit", "seq 1 3000; exit")}`;
        const container = await pod.start({ script, config: { mounts: signal.mounts } });
        await container.says("early");
        // while it runs: Incus may fail to tell the state of one that is just ending ("Invalid PID")
        const { name } = await lxdInstance(lxd.client, container.id);
        await arm.runtime.stop("kill");
        await secondIsExact();
        const before = now();
        await writeFile(join(signal.path, "go"), "");
        const log = await endLogged(lxd.client, name);
        const after = now() + 1_000_000n;
        await arm.runtime.start();
        const status = await container.exited();
        expect(status).toMatchObject({ state: CONTAINER_EXITED, exitCode: 9, reason: "Error" });
        const told = `started at ${status.startedAt}; LXC's log:\n${log}`;
        expect(status.finishedAt, told).toBeGreaterThanOrEqual(before);
        expect(status.finishedAt, told).toBeLessThanOrEqual(latestTold(before, after));
        const numbers = Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`).join("");
        expect(await container.stdout()).toBe(`early\n${numbers}`);
      },
    ),

    scenario("after a polite restart all is as before, and stop, exec and logs work", async (arm) => {
      const labels = { app: "web" };
      await using pod = await runPod(arm, { config: { labels } });
      const script = "trap 'echo bye; exit 3' TERM; echo up; while true; do sleep 0.1; done";
      const running = await pod.start({ name: "running", script, config: { labels } });
      const created = await pod.create({ name: "created" });
      const { container: exited } = await pod.complete({ name: "exited", script: "exit 5" });
      await running.says("up");
      const read = () => Promise.all([pod.status(), running.status(), created.status(), exited.status()]);
      const before = await read();
      await restartRuntime(arm, "graceful");
      expect(await read()).toEqual(before);
      expect(await running.sh("echo here")).toBe("here\n");
      await created.start();
      await running.stop(20);
      expect(await running.status()).toMatchObject({ exitCode: 3 });
      expect(await running.stdout()).toBe("up\nbye\n");
    }),

    lxeScenario(
      "killed while pods are being made: repeated requests bring each pod, once",
      LXD_TELLS,
      async (arm, { client }) => {
        await using pods = new AsyncDisposableStack();
        const wanted: TestPod[] = [];
        for (let count = 0; count < 3; count++) wanted.push(pods.use(await preparePod(arm)));
        // the number of changes in LXD after which the kill comes
        for (const moment of [1, 2, 4, 7]) {
          const { reached } = await changes(client, moment);
          const attempts = wanted.map((pod) => insistOnPod(pod));
          await reached;
          await restartRuntime(arm, "kill");
          await Promise.all(attempts);
          const ready = await arm.cri.listPodSandbox({ filter: { state: { state: PodSandboxState.SANDBOX_READY } } });
          expect(ready.items.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
          const { containers } = await arm.cri.listContainers({});
          expect(containers.map(({ podSandboxId }) => podSandboxId).toSorted()).toEqual(
            wanted.map(({ id }) => id).toSorted(),
          );
          await Promise.all(wanted.map((pod) => pod.remove()));
        }
      },
    ),

    lxeScenario(
      "killed while a pod is being removed: a repeated request removes the rest",
      LXD_TELLS,
      async (arm, { client }) => {
        for (const moment of [1, 2, 3]) {
          await using pod = await runPod(arm);
          await pod.start({ name: "first" });
          await pod.start({ name: "second" });
          const { reached } = await changes(client, moment);
          const removal = pod.remove().catch(() => undefined);
          await reached;
          await restartRuntime(arm, "kill");
          await removal;
          await pod.remove();
          expect((await arm.cri.listPodSandbox({})).items).toEqual([]);
          expect((await arm.cri.listContainers({})).containers).toEqual([]);
        }
      },
    ),
  ],
};
