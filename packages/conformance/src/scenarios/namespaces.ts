/** Which processes see which. */
import { ContainerState, NamespaceMode } from "@lxe/cri";
import { expect } from "vitest";
import { runPod, SLEEP, type TestPod } from "../support/pod.ts";
import { rejection } from "../support/rejection.ts";
import { scenario, type Theme } from "./scenario.ts";

const withPid = (pid: NamespaceMode, targetId = "") => ({
  linux: { securityContext: { namespaceOptions: { pid, targetId } } },
});

/** A process that can be told from others by its number. */
const marked = (mark: number): string => `sleep ${mark} & ${SLEEP}`;

const startMarked = (pod: TestPod, name: string, mark: number, pid: NamespaceMode, targetId?: string) =>
  pod.start({ name, script: marked(mark), config: withPid(pid, targetId) });

export const namespaces: Theme = {
  name: "PID namespaces",
  scenarios: [
    scenario("CONTAINER: a container sees its own processes only", async (arm) => {
      await using pod = await runPod(arm, { config: withPid(NamespaceMode.CONTAINER) });
      const first = await startMarked(pod, "first", 11111, NamespaceMode.CONTAINER);
      const second = await startMarked(pod, "second", 22222, NamespaceMode.CONTAINER);
      expect(await first.sh("ps")).toMatch(/11111/);
      expect(await first.sh("ps")).not.toMatch(/22222/);
      expect(await second.sh("ps")).not.toMatch(/11111/);
    }),

    scenario("POD: containers see each other's processes, and a stop ends only its own", async (arm) => {
      await using pod = await runPod(arm, { config: withPid(NamespaceMode.POD) });
      const first = await startMarked(pod, "first", 11111, NamespaceMode.POD);
      const second = await startMarked(pod, "second", 22222, NamespaceMode.POD);
      expect(await first.sh("ps")).toMatch(/22222/);
      expect(await second.sh("ps")).toMatch(/11111/);
      expect((await pod.status()).linux?.namespaces?.options?.pid).toBe(NamespaceMode.POD);
      await second.stop(20);
      expect(await second.status()).toMatchObject({ state: ContainerState.CONTAINER_EXITED, exitCode: 0 });
      expect(await first.sh("ps")).toMatch(/11111/);
      expect(await first.status()).toMatchObject({ state: ContainerState.CONTAINER_RUNNING });
    }),

    scenario("POD: processes that outlive their container's first one are killed", async (arm) => {
      await using pod = await runPod(arm, { config: withPid(NamespaceMode.POD) });
      const first = await startMarked(pod, "first", 11111, NamespaceMode.POD);
      const second = await startMarked(pod, "second", 22222, NamespaceMode.POD);
      await second.stop(20);
      expect(await first.sh("ps")).not.toMatch(/22222/);
    }),

    scenario("TARGET: a debug container sees the processes of the one it looks at", async (arm) => {
      await using pod = await runPod(arm, { config: withPid(NamespaceMode.CONTAINER) });
      const app = await startMarked(pod, "app", 11111, NamespaceMode.CONTAINER);
      const debug = await startMarked(pod, "debug", 22222, NamespaceMode.TARGET, app.id);
      const seen = await debug.sh("ps");
      expect(seen).toMatch(/11111/);
      expect(seen).toMatch(/22222/);
      await debug.stop(20);
      expect(await app.status()).toMatchObject({ state: ContainerState.CONTAINER_RUNNING });
      const stranger = withPid(NamespaceMode.TARGET, "0".repeat(64));
      expect(await rejection(pod.create({ name: "lost", config: stranger }))).toBeDefined();
    }),
  ],
};
