/** StopContainer: gently, with a limit. */
import { ContainerState, Signal } from "@lxe/cri";
import { expect } from "vitest";
import { runPod, SLEEP } from "../support/pod.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

const { CONTAINER_CREATED, CONTAINER_EXITED } = ContainerState;

const DEAF = "trap '' TERM INT; echo up; while true; do sleep 0.1; done";

export const stop: Theme = {
  name: "stop",
  scenarios: [
    scenario("asks with SIGTERM, and the app's own exit code counts", async (arm) => {
      await using pod = await runPod(arm);
      const script = "trap 'echo bye; exit 3' TERM; echo up; while true; do sleep 0.1; done";
      const container = await pod.start({ script });
      await container.says("up");
      await container.stop(30);
      expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED, exitCode: 3, reason: "Error" });
      expect(await container.stdout()).toBe("up\nbye\n");
    }),

    scenario("kills what does not listen when the time is up", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: DEAF });
      await container.says("up");
      await container.stop(1);
      expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED, exitCode: 137, reason: "Error" });
    }),

    scenario("with a time of 0 kills at once, children too", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: `sleep 9999 & sleep 9998 & ${DEAF}` });
      await container.says("up");
      await container.stop(0);
      expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED, exitCode: 137 });
    }),

    lxeScenario(
      "sends the signal that the container asked for",
      "containerd 2.1 does not know the field",
      async (arm) => {
        await using pod = await runPod(arm);
        const script = "trap 'exit 5' USR1; trap 'exit 6' TERM; echo up; while true; do sleep 0.1; done";
        const { SIGNAL_SIGUSR1: stopSignal } = Signal;
        const container = await pod.start({ script, config: { stopSignal } });
        await container.says("up");
        await container.stop(30);
        expect(await container.status()).toMatchObject({ exitCode: 5 });
      },
    ),

    scenario("with less time overrules one with more that is under way", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: DEAF });
      await container.says("up");
      const patient = container.stop(100);
      await container.stop(0);
      await patient;
      expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED, exitCode: 137 });
    }),

    scenario("of a container that does not run, or again, succeeds and changes nothing", async (arm) => {
      await using pod = await runPod(arm);
      const created = await pod.create({ name: "created" });
      await created.stop(1);
      expect(await created.status()).toMatchObject({ state: CONTAINER_CREATED });
      const { container, status } = await pod.complete({ name: "exited", script: "exit 4" });
      await container.stop(1);
      expect(await container.status()).toEqual(status);
    }),

    scenario("of many containers at once ends them all", async (arm) => {
      await using pod = await runPod(arm);
      const names = ["a", "b", "c", "d"];
      const all = await Promise.all(names.map((name) => pod.start({ name, script: `echo up; ${SLEEP}` })));
      await Promise.all(all.map((container) => container.says("up")));
      await Promise.all(all.map((container) => container.stop(20)));
      for (const container of all)
        expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED, exitCode: 0 });
    }),
  ],
};
