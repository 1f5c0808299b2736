/** Containers as objects: creation, status, removal. */
import { ContainerState } from "@lxe/cri";
import { expect } from "vitest";
import { runPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { rejection } from "../support/rejection.ts";
import { scenario, type Theme } from "./scenario.ts";

const UNKNOWN_ID = "fedcba9876543210".repeat(4);

export const containers: Theme = {
  name: "containers",
  scenarios: [
    scenario("the status repeats what was asked for", async (arm) => {
      await using pod = await runPod(arm);
      const labels = { "io.kubernetes.container.name": "main" };
      const annotations = { "io.kubernetes.container.hash": "abc", text: 'any "text"\n' };
      const container = await pod.start({ config: { labels, annotations } });
      const status = await container.status();
      expect(status).toMatchObject({
        id: container.id,
        metadata: { name: "main", attempt: 0 },
        state: ContainerState.CONTAINER_RUNNING,
        labels,
        annotations,
        mounts: [],
        logPath: container.logPath,
        exitCode: 0,
        reason: "",
      });
      expect(container.id).toMatch(/^[0-9a-f]{64}$/);
      expect(status.image?.image).toBeTruthy();
      expect(status.imageRef).toBeTruthy();
      const { image } = await arm.cri.imageStatus({ image: { image: arm.images.busybox } });
      // containerd 2.1 does not fill it
      if (arm.lxd || status.imageId !== "") expect(status.imageId).toBe(image?.id);
    }),

    scenario("an image can be named by its id", async (arm) => {
      await using pod = await runPod(arm);
      const { image } = await arm.cri.imageStatus({ image: { image: arm.images.busybox } });
      const { status } = await pod.complete({ script: "true", config: { image: { image: image?.id ?? "" } } });
      expect(status.exitCode).toBe(0);
    }),

    scenario("an unknown image, pod or a missing name is refused and leaves nothing", async (arm) => {
      await using pod = await runPod(arm);
      const image = { image: "no/such:image" };
      expect(await rejection(pod.create({ config: { image } }))).toMatchObject({ codeName: "NOT_FOUND" });
      await expectRefused(arm, pod.create({ config: { metadata: undefined } }), "INVALID_ARGUMENT", /metadata/);
      const config = pod.containerConfig({});
      expect(await rejection(arm.cri.createContainer({ podSandboxId: UNKNOWN_ID, config }))).toMatchObject({
        codeName: "NOT_FOUND",
      });
      expect((await arm.cri.listContainers({})).containers).toEqual([]);
    }),

    scenario("a name in use is refused until its container is removed", async (arm) => {
      await using pod = await runPod(arm);
      const first = await pod.start();
      await expectRefused(arm, pod.create({ script: "another" }), "ALREADY_EXISTS");
      await first.remove();
      const second = await pod.start();
      expect(second.id).not.toBe(first.id);
    }),

    scenario("removing a running container kills it; removing it again succeeds", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: "trap '' TERM; echo up; while true; do sleep 1; done" });
      await container.says("up");
      await container.remove();
      expect(await rejection(container.status())).toMatchObject({ codeName: "NOT_FOUND" });
      await container.remove();
      expect(await container.stdout()).toBe("up\n");
    }),

    scenario("a container that nobody knows: stop and remove succeed, all else is NotFound", async ({ cri }) => {
      const containerId = UNKNOWN_ID;
      await cri.stopContainer({ containerId, timeout: 1n });
      await cri.removeContainer({ containerId });
      const calls = {
        start: () => cri.startContainer({ containerId }),
        status: () => cri.containerStatus({ containerId }),
        exec: () => cri.execSync({ containerId, cmd: ["true"], timeout: 1n }),
        reopen: () => cri.reopenContainerLog({ containerId }),
      };
      for (const [name, call] of Object.entries(calls)) {
        expect(await rejection(call()), name).toMatchObject({ codeName: "NOT_FOUND" });
      }
    }),

    scenario("five removals at once all succeed, or one does", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => container.remove()));
      expect(outcomes.map(({ status }) => status)).toContain("fulfilled");
      expect(await rejection(container.status())).toMatchObject({ codeName: "NOT_FOUND" });
    }),
  ],
};
