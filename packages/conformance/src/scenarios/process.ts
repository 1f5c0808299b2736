/** The first process of a container: what it is given, and how its end is told. */
import { ContainerState, NamespaceMode } from "@lxe/cri";
import { expect } from "vitest";
import type { TestContainer } from "../support/container.ts";
import { runPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { rejection } from "../support/rejection.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

const { CONTAINER_CREATED, CONTAINER_EXITED, CONTAINER_RUNNING } = ContainerState;

const AWKWARD_ENV: Readonly<Record<string, Buffer>> = {
  EMPTY: Buffer.from(""),
  BLANKS: Buffer.from("  two  blanks  "),
  QUOTES: Buffer.from(`'single' "double" \`back\` \\ $HOME $(id)`),
  LINES: Buffer.from("first\nsecond\n\tthird\r\n"),
  EQUALS: Buffer.from("a=b=c"),
  UNICODE: Buffer.from("grün 漢字 🦊"),
  "odd.name-1": Buffer.from("odd"),
};

/** What no text is. */
const BINARY = Buffer.from([1, 2, 127, 128, 254, 255]);

const AWKWARD_ARGS = [
  "",
  " ",
  "a b",
  "'",
  '"',
  "\\",
  "$HOME",
  "`id`",
  "*",
  "new\nline",
  "--",
  "grün",
  "tab\there",
  ";|&<>(){}[]!#~",
];

async function environOf(container: TestContainer): Promise<Buffer> {
  return Buffer.from(await container.sh("od -An -v -tx1 </proc/1/environ | tr -d ' \\n'"), "hex");
}

export const process: Theme = {
  name: "the first process",
  scenarios: [
    scenario("is given its environment byte for byte", async (arm) => {
      await using pod = await runPod(arm);
      const envs = Object.entries(AWKWARD_ENV).map(([key, value]) => ({ key, value }));
      const container = await pod.start({ config: { envs } });
      const environ = await environOf(container);
      for (const { key, value } of envs) {
        const entry = Buffer.concat([Buffer.from(`${key}=`), value, Buffer.from([0])]);
        expect(environ.includes(entry), `${key} in ${environ.toString("latin1")}`).toBe(true);
      }
      expect(environ.toString("latin1")).toMatch(/(^|\0)PATH=[^\0]*\/bin/);
      expect(environ.toString()).toContain(`HOSTNAME=${pod.config.hostname}\0`);
    }),

    lxeScenario("is given an environment that is no text", "containerd replaces what is not UTF-8", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ config: { envs: [{ key: "BYTES", value: BINARY }] } });
      const entry = Buffer.concat([Buffer.from("BYTES="), BINARY, Buffer.from([0])]);
      expect((await environOf(container)).includes(entry)).toBe(true);
    }),

    scenario("is given its arguments byte for byte", async (arm) => {
      await using pod = await runPod(arm);
      const print = 'for word in "$0" "$@"; do printf "<%s>" "$word"; done';
      const config = { command: ["sh", "-c", print], args: AWKWARD_ARGS };
      const { container, status } = await pod.complete({ config });
      expect(status.exitCode).toBe(0);
      const log = (await container.log()).map(({ content, partial }) => content + (partial ? "" : "\n")).join("");
      expect(log).toContain(AWKWARD_ARGS.map((word) => `<${word}>`).join(""));
    }),

    scenario("runs in its working directory, which is made if need be", async (arm) => {
      await using pod = await runPod(arm);
      const there = await pod.complete({ name: "there", script: "pwd", config: { workingDir: "/etc" } });
      expect(await there.container.stdout()).toBe("/etc\n");
      const made = await pod.complete({ name: "made", script: "pwd", config: { workingDir: "/new/and deep" } });
      expect(await made.container.stdout()).toBe("/new/and deep\n");
      const none = await pod.complete({ name: "none", script: "pwd" });
      expect(await none.container.stdout()).toBe("/\n");
    }),

    scenario("runs as the user and the groups asked for, which the status tells", async (arm) => {
      await using pod = await runPod(arm);
      const script = "id -u; id -g; id -G; echo $HOME; touch /tmp/mine && stat -c %u:%g /tmp/mine";
      const securityContext = {
        runAsUser: { value: 1000n },
        runAsGroup: { value: 2000n },
        supplementalGroups: [3000n, 4000n],
      };
      const { container, status } = await pod.complete({ script, config: { linux: { securityContext } } });
      expect((await container.stdout()).split("\n")).toEqual(["1000", "2000", "2000 3000 4000", "/", "1000:2000", ""]);
      const { uid, gid, supplementalGroups } = status.user?.linux ?? {};
      expect([uid, gid, supplementalGroups?.toSorted()]).toEqual([1000n, 2000n, [2000n, 3000n, 4000n]]);
    }),

    scenario("runs as the named user of the image, with that user's groups", async (arm) => {
      await using pod = await runPod(arm);
      const linux = { securityContext: { runAsUsername: "app" } };
      const { container } = await pod.complete({ script: "id -u; id -g; id -G; echo $HOME", config: { linux } });
      expect(await container.stdout()).toBe("1234\n1234\n1234 2222\n/home\n");
    }),

    scenario("may not name a group without a user, or a user that the image does not have", async (arm) => {
      await using pod = await runPod(arm);
      const group = { linux: { securityContext: { runAsGroup: { value: 5n } } } };
      await expectRefused(arm, pod.create({ config: group }), "INVALID_ARGUMENT", /run_?as_?group/i);
      const stranger = { linux: { securityContext: { runAsUsername: "nobody-knows" } } };
      expect(await rejection(pod.create({ config: stranger }))).toBeDefined();
      expect((await arm.cri.listContainers({})).containers).toEqual([]);
    }),

    scenario("is pid 1 with /dev/null as its stdin", async (arm) => {
      await using pod = await runPod(arm);
      const { container } = await pod.complete({ script: "echo $$; readlink /proc/self/fd/0; cat; echo end" });
      expect(await container.stdout()).toBe("1\n/dev/null\nend\n");
    }),

    scenario("ends with code, reason and times in the status", async (arm) => {
      await using pod = await runPod(arm);
      const zero = await pod.complete({ name: "zero", script: "exit 0" });
      expect(zero.status).toMatchObject({ exitCode: 0, reason: "Completed" });
      const seven = await pod.complete({ name: "seven", script: "exit 7" });
      expect(seven.status).toMatchObject({ exitCode: 7, reason: "Error" });
      const most = await pod.complete({ name: "most", script: "exit 255" });
      expect(most.status).toMatchObject({ exitCode: 255, reason: "Error" });
      for (const { createdAt, startedAt, finishedAt } of [zero.status, seven.status, most.status]) {
        expect(createdAt).toBeGreaterThan(0n);
        expect(startedAt).toBeGreaterThanOrEqual(createdAt);
        // containerd notes the start of what ends at once after its end
        if (arm.lxd) expect(finishedAt).toBeGreaterThanOrEqual(startedAt);
      }
    }),

    scenario("killed by a signal ends with 128 and the signal's number", async (arm) => {
      // the first process of a PID namespace cannot kill itself: the pod's is shared
      const linux = { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } };
      await using pod = await runPod(arm, { config: { linux } });
      const killed = await pod.complete({ name: "killed", script: "kill -KILL $$", config: { linux } });
      expect(killed.status).toMatchObject({ exitCode: 137, reason: "Error" });
      const ended = await pod.complete({ name: "ended", script: "kill -TERM $$", config: { linux } });
      expect(ended.status).toMatchObject({ exitCode: 143, reason: "Error" });
    }),

    scenario("that cannot be executed is a start error: 128, with the reason", async (arm) => {
      await using pod = await runPod(arm);
      const missing = await pod.create({ name: "missing", config: { command: ["no-such-program"] } });
      expect(await rejection(missing.start())).toMatchObject({ message: expect.stringMatching(/no-such-program/) });
      const status = await missing.status();
      expect(status).toMatchObject({ state: CONTAINER_EXITED, exitCode: 128, reason: "StartError" });
      expect(status.message).not.toBe("");
      // containerd leaves the one of what never ran at 0
      if (arm.lxd) expect(status.startedAt).toBeGreaterThan(0n);
      expect(status.finishedAt).toBeGreaterThan(0n);
      expect(status.finishedAt).toBeGreaterThanOrEqual(status.startedAt);
      const data = await pod.create({ name: "data", config: { command: ["/etc/passwd"] } });
      expect(await rejection(data.start())).toMatchObject({ message: expect.stringMatching(/permission denied/i) });
      expect(await data.status()).toMatchObject({ exitCode: 128, reason: "StartError" });
    }),

    scenario("starts once: a second start is an error and changes nothing", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.create();
      expect(await container.status()).toMatchObject({ state: CONTAINER_CREATED, startedAt: 0n, finishedAt: 0n });
      await container.start();
      expect(await rejection(container.start())).toBeDefined();
      expect(await container.status()).toMatchObject({ state: CONTAINER_RUNNING, finishedAt: 0n });
      await container.stop(0);
      expect(await rejection(container.start())).toBeDefined();
      expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED, exitCode: 137 });
    }),

    scenario("of the next attempt runs beside the dead one", async (arm) => {
      await using pod = await runPod(arm);
      const first = await pod.complete({ script: "exit 1" });
      const second = await pod.start({ attempt: 1 });
      expect(second.id).not.toBe(first.container.id);
      expect(await second.status()).toMatchObject({ state: CONTAINER_RUNNING, metadata: { name: "main", attempt: 1 } });
      expect(await first.container.status()).toMatchObject({ exitCode: 1 });
    }),
  ],
};
