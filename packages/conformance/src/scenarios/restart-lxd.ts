/** LXD dies and comes back; lxe says so and goes on. */
import { ContainerState } from "@lxe/cri";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { ArmInstance, Daemon } from "../arms/arm.ts";
import { COUNT, expectCounted } from "../support/counting.ts";
import { eventually } from "../support/eventually.ts";
import { runPod } from "../support/pod.ts";
import { rejection } from "../support/rejection.ts";
import { lxeScenario, type Scenario, type Theme } from "./scenario.ts";

async function condition({ cri }: ArmInstance, wanted: string): Promise<{ status: boolean; message: string }> {
  const { status } = await cri.status({}, { timeoutMs: 2000 });
  const found = status?.conditions.find(({ type }) => type === wanted);
  if (!found) throw new Error(`no condition ${wanted}`);
  return found;
}

const becomes = (arm: ArmInstance, ready: boolean) =>
  eventually(
    `RuntimeReady is ${ready}`,
    () => condition(arm, "RuntimeReady"),
    ({ status }) => status === ready,
    {
      timeoutMs: 60_000,
    },
  );

/** Only where LXD is the arm's own to restart; it is up again at the end, whatever happened. */
const lxdScenario = (title: string, run: (arm: ArmInstance, lxd: Daemon) => Promise<void>): Scenario =>
  lxeScenario(
    title,
    "nothing like LXD stands behind the reference",
    async (arm, { daemon }) => {
      if (!daemon) throw new Error("this arm's LXD is not its own");
      await run(arm, daemon);
    },
    ({ lxd }) => (lxd?.daemon ? undefined : "this LXD is not ours to restart"),
  );

export const restartOfLxd: Theme = {
  name: "restart of LXD",
  scenarios: [
    lxdScenario("containers run on; lxe is not ready, still answers, and is ready again", async (arm, lxd) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: COUNT });
      const { pid } = await arm.task(container.id);
      const before = await container.status();
      await using up = new AsyncDisposableStack();
      await lxd.stop("kill");
      up.defer(() => lxd.start());
      const { message } = await becomes(arm, false);
      expect(message).not.toBe("");
      expect(await container.status()).toEqual(before);
      expect((await arm.cri.listPodSandbox({})).items).toHaveLength(1);
      const written = (await container.log()).length;
      await eventually(
        "the log still grows",
        () => container.log(),
        ({ length }) => length > written + 20,
      );
      await up.disposeAsync();
      await becomes(arm, true);
      expect(await container.status()).toEqual(before);
      expect((await arm.task(container.id)).pid).toBe(pid);
      expect(await container.sh("echo here")).toBe("here\n");
      await container.stop(0);
      expectCounted(await container.stdout());
      await using next = await runPod(arm);
      expect((await next.complete({ script: "exit 2" })).status).toMatchObject({ exitCode: 2 });
    }),

    lxdScenario("an exit while LXD is away has its code once LXD is back", async (arm, lxd) => {
      await using pod = await runPod(arm);
      const signal = join(pod.directory, "signal");
      await mkdir(signal);
      const mounts = [{ hostPath: signal, containerPath: "/signal" }];
      const script = "while [ ! -e /signal/go ]; do usleep 20000; done; echo gone; exit 11";
      const container = await pod.start({ script, config: { mounts } });
      await using up = new AsyncDisposableStack();
      await lxd.stop("kill");
      up.defer(() => lxd.start());
      await becomes(arm, false);
      await writeFile(join(signal, "go"), "");
      await container.says("gone");
      await up.disposeAsync();
      await becomes(arm, true);
      const { CONTAINER_EXITED } = ContainerState;
      expect(await container.reaches(CONTAINER_EXITED)).toMatchObject({ exitCode: 11, reason: "Error" });
    }),

    lxdScenario(
      "a call that needs LXD fails while it is away, and the same call works afterwards",
      async (arm, lxd) => {
        await using pod = await runPod(arm);
        const container = await pod.create();
        await using up = new AsyncDisposableStack();
        await lxd.stop("kill");
        up.defer(() => lxd.start());
        await becomes(arm, false);
        expect(await rejection(pod.create({ name: "more" }))).toBeDefined();
        await up.disposeAsync();
        await becomes(arm, true);
        await container.start();
        const more = await pod.start({ name: "more" });
        expect(await more.sh("echo here")).toBe("here\n");
        expect((await arm.cri.listContainers({})).containers).toHaveLength(2);
      },
    ),
  ],
};
