/** Exec and Attach: what kubectl exec and attach do. */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type ArmInstance, restartRuntime } from "../arms/arm.ts";
import type { TestContainer } from "../support/container.ts";
import { eventually } from "../support/eventually.ts";
import { runPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { rejection } from "../support/rejection.ts";
import { StreamClient } from "../support/stream-client.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

interface ExecOptions {
  readonly stdin?: boolean;
  readonly tty?: boolean;
}

async function openExec(
  arm: ArmInstance,
  { id: containerId }: TestContainer,
  cmd: string[],
  { stdin = false, tty = false }: ExecOptions = {},
): Promise<StreamClient> {
  const { url } = await arm.cri.exec({ containerId, cmd, stdin, tty, stdout: true, stderr: !tty });
  return StreamClient.open(url);
}

async function openAttach(arm: ArmInstance, { id: containerId }: TestContainer, tty = false): Promise<StreamClient> {
  const { url } = await arm.cri.attach({ containerId, stdin: true, stdout: true, stderr: !tty, tty });
  return StreamClient.open(url);
}

/** That lxe keeps of a container. */
const LOADERS_MAX = 3;
const FAST_OUTPUT = 10 * 1024 * 1024;

export const streaming: Theme = {
  name: "streaming",
  scenarios: [
    scenario("exec gives stdout, stderr and the exit code apart", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      await using client = await openExec(arm, container, ["sh", "-c", "echo out; echo err >&2; exit 42"]);
      expect(await client.result()).toMatchObject({ code: 42, stdout: "out\n", stderr: "err\n" });
      await using quiet = await openExec(arm, container, ["true"]);
      expect(await quiet.result()).toMatchObject({ code: 0, stdout: "", stderr: "" });
    }),

    lxeScenario(
      "exec gives the command its input and the end of it",
      "containerd 2.1's WebSocket cannot end the input",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await pod.start();
        await using client = await openExec(arm, container, ["cat"], { stdin: true });
        client.write("one\n");
        await eventually(
          "the first line comes back",
          async () => client.stdout.toString(),
          (text) => text === "one\n",
        );
        client.write("two");
        client.endInput();
        expect(await client.result()).toMatchObject({ code: 0, stdout: "one\ntwo" });
      },
    ),

    scenario("exec without input reads an end at once", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      await using client = await openExec(arm, container, ["cat"]);
      expect(await client.result()).toMatchObject({ code: 0, stdout: "" });
    }),

    scenario("exec loses no byte of a large output", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      await using client = await openExec(arm, container, ["head", "-c", String(FAST_OUTPUT), "/dev/zero"]);
      await client.result();
      expect(digest(client.stdout)).toBe(digest(Buffer.alloc(FAST_OUTPUT)));
    }),

    scenario("exec in a terminal: one stream, a size that changes, the exit code", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const script = 'test -t 0 && test -t 1 && echo "a terminal, $TERM"; read line; echo "<$line>"; exit 7';
      await using client = await openExec(arm, container, ["sh", "-c", script], { stdin: true, tty: true });
      client.resize(132, 43);
      await eventually(
        "it says that it has a terminal",
        async () => client.stdout.toString(),
        (text) => text.includes("a terminal, xterm\r\n"),
      );
      client.write("hello\n");
      const { code, stdout, stderr } = await client.result();
      expect(code).toBe(7);
      expect(stdout).toContain("<hello>\r\n");
      expect(stderr).toBe("");
    }),

    scenario("exec runs as the container's user, with its environment and directory", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({
        config: {
          workingDir: "/tmp",
          envs: [{ key: "COLOUR", value: Buffer.from("blue") }],
          linux: { securityContext: { runAsUser: { value: 1000n }, runAsGroup: { value: 2000n } } },
        },
      });
      await using client = await openExec(arm, container, ["sh", "-c", "id -u; id -g; pwd; echo $COLOUR"]);
      expect((await client.result()).stdout).toBe("1000\n2000\n/tmp\nblue\n");
    }),

    scenario("exec of a command that is not there fails with its name", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      await using client = await openExec(arm, container, ["no-such-command"]);
      const { code, message } = await client.result();
      expect(code).not.toBe(0);
      expect(message).toContain("no-such-command");
    }),

    lxeScenario(
      "a client that is killed takes its command and what that started along",
      "containerd ends the command alone",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await pod.start();
        const script = "sleep 6543 & touch /tmp/started; sleep 7654";
        const client = await openExec(arm, container, ["sh", "-c", script], { stdin: true });
        await eventually(
          "it runs",
          () => container.exec(["test", "-e", "/tmp/started"]),
          ({ code }) => code === 0,
        );
        await client.cut();
        await eventually(
          "nothing of it runs",
          async () => (await container.exec(["ps"])).stdout,
          (processes) => !/sleep (?:6543|7654)/.test(processes),
        );
      },
    ),

    lxeScenario(
      "clients that are killed in the middle of everything leave no process and no file",
      "containerd ends the command alone",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await pod.start({ script: "while read line; do sleep 0.1; done", config: { stdin: true } });
        const clients = [
          await openExec(arm, container, ["yes", "6543"]),
          await openExec(arm, container, ["yes", "6543"], { tty: true }),
          await openExec(arm, container, ["sh", "-c", "sleep 6543; cat"], { stdin: true }),
          await openExec(arm, container, ["sh", "-i"], { stdin: true, tty: true }),
          await openAttach(arm, container),
        ];
        const [flood, terminalFlood, unread, shell, attached] = clients;
        for (const client of [flood, terminalFlood]) client?.stopReading();
        // more than pipes and sockets hold
        const piece = Buffer.alloc(32 * 1024, "x\n");
        for (const client of [unread, attached]) for (let count = 0; count < 128; count++) client?.write(piece);
        // a job in the shell's foreground is a process group of its own
        shell?.write("sleep 6543\n");
        await eventually(
          "all of them run",
          () => container.sh("ps"),
          (processes) => ["sleep", "yes"].every((name) => processes.match(RegExp(`${name} 6543$`, "gm"))?.length === 2),
        );
        await Promise.all(clients.map((client) => client.cut()));
        await eventually(
          "nothing of them is left",
          () => container.sh("ps; ls /.lxe"),
          (left) => !left.includes("6543") && isOnlyOwn(left),
        );
      },
    ),

    scenario("twenty execs at once each get their own output", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const outputs = await Promise.all(
        Array.from({ length: 20 }, async (_, number) => {
          await using client = await openExec(arm, container, ["sh", "-c", `echo ${number}; exit ${number}`]);
          return await client.result(); // before the client is disposed of
        }),
      );
      outputs.forEach((output, number) => expect(output).toMatchObject({ code: number, stdout: `${number}\n` }));
    }),

    scenario("exec is refused with the field's name, or where nothing runs", async (arm) => {
      await using pod = await runPod(arm);
      const created = await pod.create({ name: "created" });
      const request = { containerId: created.id, cmd: ["true"], stdout: true };
      await expectRefused(arm, arm.cri.exec(request), "FAILED_PRECONDITION");
      const container = await pod.start();
      const running = { ...request, containerId: container.id };
      // containerd finds out when the URL is used
      if (arm.lxd) await expectRefused(arm, arm.cri.exec({ ...running, cmd: [] }), "INVALID_ARGUMENT", /cmd/);
      const both = { ...running, tty: true, stderr: true };
      await expectRefused(arm, arm.cri.exec(both), "INVALID_ARGUMENT", /stderr/);
      expect(await rejection(arm.cri.exec({ ...running, containerId: "nothing" }))).toMatchObject({
        codeName: "NOT_FOUND",
      });
    }),

    scenario("a URL serves once", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const { url } = await arm.cri.exec({ containerId: container.id, cmd: ["true"], stdout: true });
      await using client = await StreamClient.open(url);
      await client.result();
      expect(await StreamClient.open(url).catch((error: unknown) => error)).toBeInstanceOf(Error);
    }),

    lxeScenario(
      "an app with stdin_once reads what the first client sends, and then the end, across a restart of the runtime",
      "containerd 2.1's WebSocket cannot end the input",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await pod.start({
          script: 'while read line; do echo "<$line>"; done; echo end; sleep 1000',
          config: { stdin: true, stdinOnce: true },
        });
        await restartRuntime(arm, "kill");
        expect(await container.stdout()).toBe(""); // no end was read
        await using client = await openAttach(arm, container);
        client.write("one\ntwo\n");
        await container.says("<two>");
        client.endInput();
        await container.says("end");
        expect(await container.stdout()).toBe("<one>\n<two>\nend\n");
      },
    ),

    scenario("an app with stdin never reads an end: clients come and go, the runtime too", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({
        script: 'while read line; do echo "<$line>"; done; echo end',
        config: { stdin: true },
      });
      {
        await using first = await openAttach(arm, container);
        first.write("one\n");
        await container.says("<one>");
        first.endInput();
      }
      const second = await openAttach(arm, container);
      second.write("two\n");
      await container.says("<two>");
      await restartRuntime(arm, "kill");
      await using third = await openAttach(arm, container);
      third.write("three\n");
      await container.says("<three>");
      expect(await container.stdout()).toBe("<one>\n<two>\n<three>\n");
      await second.cut();
    }),

    lxeScenario(
      "a client whose input ends is let go, and the app goes on",
      "containerd 2.1's WebSocket cannot end the input",
      async (arm) => {
        await using pod = await runPod(arm);
        for (const tty of [false, true]) {
          const script = 'while read line; do echo "<$line>"; done';
          const container = await pod.start({ name: `tty-${tty}`, script, config: { stdin: true, tty } });
          await using client = await openAttach(arm, container, tty);
          client.write("one\n");
          await container.says("<one>");
          client.endInput();
          expect(await client.result()).toMatchObject({ code: 0 });
          await using next = await openAttach(arm, container, tty);
          next.write("two\n");
          await container.says("<two>");
        }
      },
    ),

    scenario("several clients share an app's input, and each sees all of its output", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({
        script: 'while read line; do echo "<$line>"; test "$line" = end && exit 0; done',
        config: { stdin: true },
      });
      await using one = await openAttach(arm, container);
      await using other = await openAttach(arm, container);
      one.write("from one\n");
      await container.says("<from one>");
      other.write("end\n");
      const expected = { code: 0, stdout: "<from one>\n<end>\n" };
      expect(await Promise.all([one.result(), other.result()])).toMatchObject([expected, expected]);
    }),

    scenario("what a terminal's app writes is in its log, once and all of it", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({
        config: { tty: true },
        script:
          'i=0; while test $i -lt 6000; do echo "line $i of a long output, as long as others"; i=$((i+1)); done; exit 4',
      });
      expect((await container.exited()).exitCode).toBe(4);
      const numbers = [...(await container.stdout()).matchAll(/line (\d+) of/g)].map(([, number]) => Number(number));
      expect(numbers).toEqual(Array.from({ length: 6000 }, (_, number) => number));
    }),

    scenario("a terminal keeps the last words of a short command", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      // over a WebSocket containerd 2.1 takes no input for an input that has ended, and closes the terminal at its end
      for (const stdin of arm.lxd ? [true, false] : [true]) {
        for (let number = 0; number < 30; number++) {
          await using client = await openExec(arm, container, ["echo", `word ${number}`], { stdin, tty: true });
          expect(await client.result()).toMatchObject({ code: 0, stdout: `word ${number}\r\n` });
        }
      }
    }),

    scenario("everyone who is attached gets the output, which is in the log too, and may leave", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({
        script:
          "until test -e /tmp/go; do usleep 20000; done; echo first; echo bad >&2; until test -e /tmp/end; do usleep 20000; done; echo last; exit 3",
      });
      const open = async (): Promise<StreamClient> => {
        const { url } = await arm.cri.attach({ containerId: container.id, stdout: true, stderr: true });
        return StreamClient.open(url);
      };
      await using one = await open();
      await using other = await open();
      await container.exec(["touch", "/tmp/go"]);
      for (const client of [one, other]) {
        await eventually(
          "the output comes",
          async () => `${client.stdout.toString()}${client.stderr.toString()}`,
          (text) => text === "first\nbad\n",
        );
      }
      await other.cut();
      await container.exec(["touch", "/tmp/end"]);
      expect(await one.result()).toMatchObject({ code: 0, stdout: "first\nlast\n", stderr: "bad\n" });
      expect((await container.exited()).exitCode).toBe(3);
      expect(await container.stdout()).toBe("first\nlast\n");
    }),
  ],
};

/** Loaders lie ready for later commands; those of this very look are one more, and it alone has files for its streams. */
function isOnlyOwn(files: string): boolean {
  const names = (pattern: RegExp): number => new Set(files.match(pattern)).size;
  const streams = names(/^x[0-9a-f]{8}(?=\.(?:in|out|err)$)/gm);
  return streams === 1 && names(/^x[0-9a-f]{8}/gm) <= LOADERS_MAX + 1 && names(/^k[0-9a-f]{8}/gm) === 0;
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
