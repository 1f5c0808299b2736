/** ExecSync: probes and hooks of the kubelet. */
import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import { runPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { rejection } from "../support/rejection.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

export const exec: Theme = {
  name: "exec",
  scenarios: [
    scenario("gives exit code, stdout and stderr apart", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      expect(await container.exec(["sh", "-c", "echo out; echo err >&2; exit 42"])).toEqual({
        code: 42,
        stdout: "out\n",
        stderr: "err\n",
      });
      expect(await container.exec(["true"])).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(await container.exec(["sh", "-c", "kill -KILL $$"])).toMatchObject({ code: 137 });
      // the codes that a runtime's own failures have
      for (const code of [126, 127]) expect(await container.exec(["sh", "-c", `exit ${code}`])).toMatchObject({ code });
    }),

    scenario("passes arguments as they are, through no shell", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const words = ["$HOME", "a  b", "'\"\\", "*", "new\nline", ""];
      const { stdout } = await container.exec(["printf", "<%s>", ...words]);
      expect(stdout).toBe(words.map((word) => `<${word}>`).join(""));
    }),

    scenario("gives large and binary output whole", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const request = { containerId: container.id, timeout: 60n };
      const zeroes = await arm.cri.execSync({ ...request, cmd: ["head", "-c", "3000000", "/dev/zero"] });
      expect(Buffer.from(zeroes.stdout).equals(Buffer.alloc(3_000_000))).toBe(true);
      const bytes = await arm.cri.execSync({ ...request, cmd: ["printf", "\\000\\377\\200\\r\\n"] });
      expect(Buffer.from(bytes.stdout)).toEqual(Buffer.from([0, 255, 128, 13, 10]));
    }),

    scenario("runs as the container's user, with its groups, environment, directory and namespaces", async (arm) => {
      await using pod = await runPod(arm);
      const securityContext = {
        runAsUser: { value: 1000n },
        runAsGroup: { value: 2000n },
        supplementalGroups: [3000n],
      };
      const container = await pod.start({
        config: {
          workingDir: "/tmp",
          envs: [{ key: "COLOUR", value: Buffer.from("deep 'blue'\nsea") }],
          linux: { securityContext: { ...securityContext, namespaceOptions: { pid: 1 } } },
        },
      });
      const { stdout } = await container.exec(["sh", "-c", 'id -u; id -g; id -G; pwd; hostname; echo "$COLOUR"']);
      const { hostname } = pod.config;
      expect(stdout).toBe(`1000\n2000\n2000 3000\n/tmp\n${hostname}\ndeep 'blue'\nsea\n`);
    }),

    scenario("kills the command when the time is up", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      expect(await rejection(container.exec(["sleep", "7654"], 1))).toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
      await eventually(
        "the command is gone",
        () => container.sh("ps"),
        (table) => !table.includes("7654"),
      );
    }),

    lxeScenario("kills its children, too", "containerd waits for children that hold the output", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const cmd = ["sh", "-c", "sleep 7654 & sleep 8765; echo never"];
      expect(await rejection(container.exec(cmd, 1))).toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
      await eventually(
        "no process of the command is left",
        () => container.sh("ps"),
        (table) => !/7654|8765/.test(table),
      );
    }),

    scenario("is over when the command ends, whatever it left in the background", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const { code, stdout } = await container.exec(["sh", "-c", "sleep 4321 >/dev/null 2>&1 & echo done"]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "done\n" });
    }),

    scenario("says what is wrong with a command that cannot be run", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      expect(await rejection(container.exec(["no-such-command"]))).toMatchObject({
        message: expect.stringContaining("no-such-command"),
      });
      expect(await rejection(container.exec(["/etc/passwd"]))).toBeDefined();
      await expectRefused(arm, container.exec([]), "INVALID_ARGUMENT", /cmd/);
    }),

    scenario("is refused by a container that does not run", async (arm) => {
      await using pod = await runPod(arm);
      const created = await pod.create({ name: "created" });
      expect(await rejection(created.exec(["true"]))).toBeDefined();
      const { container } = await pod.complete({ name: "exited", script: "true" });
      expect(await rejection(container.exec(["true"]))).toBeDefined();
    }),

    scenario("runs twenty commands at once, each with its own output", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      const outcomes = await Promise.all(numbers.map((n) => container.exec(["sh", "-c", `echo ${n}; exit ${n}`], 60)));
      expect(outcomes).toEqual(numbers.map((n) => ({ code: n, stdout: `${n}\n`, stderr: "" })));
    }),

    scenario("stops when the caller goes away", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const caller = new AbortController();
      const cmd = ["sh", "-c", "touch /tmp/started; exec sleep 5432"];
      const call = arm.cri.execSync({ containerId: container.id, cmd, timeout: 0n }, { signal: caller.signal });
      const outcome = rejection(call);
      await eventually(
        "the command runs",
        () => container.exec(["test", "-e", "/tmp/started"]),
        ({ code }) => code === 0,
      );
      caller.abort();
      expect(await outcome).toMatchObject({ codeName: "CANCELLED" });
      await eventually(
        "the command is gone",
        () => container.sh("ps"),
        (table) => !table.includes("5432"),
      );
    }),
  ],
};
