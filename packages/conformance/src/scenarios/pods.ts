/** Pods as a whole: what their containers share, what their status says, how they end. */
import { ContainerState, NamespaceMode, PodSandboxState } from "@lxe/cri";
import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import { preparePod, runPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { rejection } from "../support/rejection.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

const { CONTAINER_EXITED } = ContainerState;
const { SANDBOX_NOTREADY, SANDBOX_READY } = PodSandboxState;

export const pods: Theme = {
  name: "pods",
  scenarios: [
    scenario("two containers of a pod share localhost", async (arm) => {
      await using pod = await runPod(arm);
      await pod.start({
        name: "server",
        script: "echo from the server >/tmp/page; exec httpd -f -p 127.0.0.1:8080 -h /tmp",
      });
      const client = await pod.start({ name: "client" });
      const page = await eventually(
        "the server answers",
        () => client.exec(["wget", "-qO-", "http://127.0.0.1:8080/page"]),
        ({ code }) => code === 0,
      );
      expect(page.stdout).toBe("from the server\n");
    }),

    scenario("a pod's status repeats what was asked for, with an address and a time", async (arm) => {
      const labels = { app: "web", "example.org/tier": "front end" };
      const annotations = { note: 'öäü "quoted"\nand more', big: "x".repeat(100_000) };
      const before = BigInt(Date.now()) * 1_000_000n;
      await using pod = await runPod(arm, { config: { labels, annotations } });
      const status = await pod.status();
      expect(status).toMatchObject({
        id: pod.id,
        metadata: pod.config.metadata,
        state: SANDBOX_READY,
        labels,
        annotations,
        runtimeHandler: "",
        linux: {
          namespaces: { options: { network: NamespaceMode.POD, ipc: NamespaceMode.POD, pid: NamespaceMode.CONTAINER } },
        },
      });
      expect(pod.id).toMatch(/^[0-9a-f]{64}$/);
      expect(status.network?.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(status.createdAt).toBeGreaterThanOrEqual(before);
      const container = await pod.start();
      expect(await container.sh("ip addr show dev eth0")).toContain(`inet ${status.network?.ip}/`);
    }),

    scenario("a stopped pod is not ready, its containers have exited, and all of it stays listed", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: "echo last words; exec sleep 100000" });
      await container.says("last words");
      await pod.stop();
      expect(await pod.status()).toMatchObject({ state: SANDBOX_NOTREADY });
      expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED, exitCode: 137 });
      expect(await container.stdout()).toBe("last words\n");
      const { items } = await arm.cri.listPodSandbox({ filter: { id: pod.id } });
      expect(items).toMatchObject([{ id: pod.id, state: SANDBOX_NOTREADY }]);
      await pod.stop();
    }),

    lxeScenario(
      "a stopped pod takes no further container",
      "containerd creates one, and refuses to start it",
      async (arm) => {
        await using pod = await runPod(arm);
        await pod.stop();
        expect(await rejection(pod.create())).toMatchObject({ codeName: "FAILED_PRECONDITION" });
      },
    ),

    scenario("removing a pod removes its containers, also when all is running", async (arm) => {
      await using pod = await runPod(arm);
      const first = await pod.start({ name: "first" });
      const second = await pod.create({ name: "second" });
      await pod.remove();
      expect(await rejection(pod.status())).toMatchObject({ codeName: "NOT_FOUND" });
      for (const container of [first, second]) {
        expect(await rejection(container.status())).toMatchObject({ codeName: "NOT_FOUND" });
      }
      const { containers } = await arm.cri.listContainers({ filter: { podSandboxId: pod.id } });
      expect(containers).toEqual([]);
    }),

    scenario("stopping and removing a pod that nobody knows, or twice, succeeds", async ({ cri, ...arm }) => {
      const podSandboxId = "0123456789abcdef".repeat(4);
      await cri.stopPodSandbox({ podSandboxId });
      await cri.removePodSandbox({ podSandboxId });
      expect(await rejection(cri.podSandboxStatus({ podSandboxId }))).toMatchObject({ codeName: "NOT_FOUND" });
      await using pod = await runPod({ cri, ...arm });
      await pod.stop();
      await pod.stop();
      await pod.remove();
      await pod.stop();
      await pod.remove();
    }),

    scenario("a second pod of the same name is the same one or an error, never a second one", async (arm) => {
      await using pod = await runPod(arm);
      const again = await arm.cri.runPodSandbox({ config: pod.config }).catch((error: unknown) => error);
      if (!(again instanceof Error)) expect(again).toEqual({ podSandboxId: pod.id });
      const other = arm.cri.runPodSandbox({ config: { ...pod.config, labels: { other: "yes" } } });
      await expectRefused(arm, other, "ALREADY_EXISTS");
      expect((await arm.cri.listPodSandbox({})).items.map(({ id }) => id)).toEqual([pod.id]);
    }),

    scenario("the next attempt of a pod lives beside the stopped one", async (arm) => {
      await using first = await runPod(arm);
      await first.stop();
      await using second = await runPod(arm, { config: { metadata: { ...first.config.metadata, attempt: 1 } } });
      expect(second.id).not.toBe(first.id);
      const { items } = await arm.cri.listPodSandbox({ filter: { state: { state: SANDBOX_READY } } });
      expect(items.map(({ id }) => id)).toEqual([second.id]);
    }),

    scenario("many requests for one pod at once make one pod", async (arm) => {
      await using pod = await preparePod(arm);
      const requests = Array.from({ length: 5 }, () => arm.cri.runPodSandbox({ config: pod.config }));
      const outcomes = await Promise.allSettled(requests);
      const ids = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.podSandboxId] : []));
      pod.id = ids[0] ?? "";
      expect(new Set(ids).size).toBe(1);
      expect((await arm.cri.listPodSandbox({})).items).toHaveLength(1);
    }),

    scenario("a pod that makes no sense is refused and leaves nothing", async (arm) => {
      const { config } = await preparePod(arm);
      const noMetadata = { ...config, metadata: undefined };
      await expectRefused(arm, arm.cri.runPodSandbox({ config: noMetadata }), "INVALID_ARGUMENT", /metadata/);
      expect(await rejection(arm.cri.runPodSandbox({ config, runtimeHandler: "no-such-handler" }))).toBeDefined();
      expect((await arm.cri.listPodSandbox({})).items).toEqual([]);
    }),
  ],
};
