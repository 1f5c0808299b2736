/** Log files, as the kubelet reads and rotates them. */
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { expect } from "vitest";
import { COUNT, expectCounted } from "../support/counting.ts";
import { eventually } from "../support/eventually.ts";
import { readLog, textOf } from "../support/log-file.ts";
import { runPod } from "../support/pod.ts";
import { rejection } from "../support/rejection.ts";
import { scenario, type Theme } from "./scenario.ts";

export const logs: Theme = {
  name: "logs",
  scenarios: [
    scenario("have both streams, complete when the container has exited", async (arm) => {
      await using pod = await runPod(arm);
      const script = "echo one; echo two >&2; echo; echo '  three  '; seq 1 5000; echo last >&2; echo end";
      const { container } = await pod.complete({ script });
      const records = await container.log();
      const numbers = Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`).join("");
      expect(textOf(records, "stdout")).toBe(`one\n\n  three  \n${numbers}end\n`);
      expect(textOf(records, "stderr")).toBe("two\nlast\n");
      const times = records.filter(({ stream }) => stream === "stdout").map(({ time }) => Date.parse(time));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }),

    scenario("split long lines into partial records and lose no byte", async (arm) => {
      await using pod = await runPod(arm);
      const script =
        "dd if=/dev/zero bs=1000 count=100 2>/dev/null | tr '\\0' x; echo; echo short; printf 'no newline'";
      const { container } = await pod.complete({ script });
      const records = await container.log();
      expect(textOf(records, "stdout")).toMatch(/^x{100000}\nshort\nno newline\n?$/);
      expect(records.some(({ partial }) => partial)).toBe(true);
      const longest = Math.max(...records.map(({ content }) => content.length));
      expect(longest).toBeLessThanOrEqual(32 * 1024);
    }),

    scenario("grow while the container runs", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: "echo started; cat; sleep 100000" });
      expect(await container.says("started")).toBe("started\n");
      expect((await stat(container.logPath)).mode & 0o007).toBe(0);
    }),

    scenario("are rotated by ReopenContainerLog without losing or doubling a line", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: COUNT });
      const rotated: string[] = [];
      for (let round = 0; round < 5; round++) {
        await eventually(
          "the log grows",
          () => container.log(),
          (records) => records.length > 20,
        );
        const old = `${container.logPath}.${round}`;
        await rename(container.logPath, old);
        await arm.cri.reopenContainerLog({ containerId: container.id });
        expect((await stat(container.logPath)).isFile()).toBe(true);
        rotated.push(old);
      }
      await eventually(
        "the new log grows",
        () => container.log(),
        (records) => records.length > 20,
      );
      await container.stop(0);
      const texts = await Promise.all(
        [...rotated, container.logPath].map(async (path) => textOf(await readLog(path), "stdout")),
      );
      expectCounted(texts.join(""));
    }),

    scenario("appear again by ReopenContainerLog when the file was removed", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({
        script: "echo before; while [ ! -e /tmp/go ]; do usleep 10000; done; echo after; sleep 100000",
      });
      await container.says("before");
      await rm(container.logPath);
      await arm.cri.reopenContainerLog({ containerId: container.id });
      expect((await stat(container.logPath)).isFile()).toBe(true);
      await container.sh("touch /tmp/go");
      expect(await container.says("after")).toBe("after\n");
    }),

    scenario("of an exited container cannot be reopened", async (arm) => {
      await using pod = await runPod(arm);
      const { container } = await pod.complete({ script: "echo done" });
      expect(await rejection(arm.cri.reopenContainerLog({ containerId: container.id }))).toBeDefined();
    }),

    scenario("are not written without a path, and the container runs", async (arm) => {
      await using pod = await runPod(arm);
      const { status } = await pod.complete({ script: "echo unheard", config: { logPath: "" } });
      expect(status).toMatchObject({ exitCode: 0, logPath: "" });
    }),

    scenario("hold what the app writes to /dev/stdout and /dev/stderr by name", async (arm) => {
      await using pod = await runPod(arm);
      const script = "echo a >/dev/stdout; echo b >>/dev/stdout; echo c >/dev/stderr; echo d >>/proc/self/fd/2";
      const { container } = await pod.complete({ script });
      const records = await container.log();
      expect(textOf(records, "stdout")).toContain("b\n");
      expect(textOf(records, "stderr")).toContain("d\n");
    }),

    scenario("go into a directory that is made for them", async (arm) => {
      await using pod = await runPod(arm);
      await rm(pod.logDirectory, { recursive: true });
      const { container } = await pod.complete({ script: "echo made" });
      expect(await container.stdout()).toBe("made\n");
      await mkdir(pod.logDirectory, { recursive: true });
    }),

    scenario("stay when container and pod are removed", async (arm) => {
      await using pod = await runPod(arm);
      const { container } = await pod.complete({ script: "echo stays" });
      await container.remove();
      await pod.remove();
      expect(await container.stdout()).toBe("stays\n");
    }),
  ],
};
