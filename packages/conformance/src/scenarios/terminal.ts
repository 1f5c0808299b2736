/** Attach to an app's terminal: what kubectl attach -it and kubectl run -it do. */
import { expect } from "vitest";
import type { ArmInstance } from "../arms/arm.ts";
import type { TestContainer } from "../support/container.ts";
import { eventually } from "../support/eventually.ts";
import { runPod, type TestPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { StreamClient } from "../support/stream-client.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

const startApp = (pod: TestPod, script: string): Promise<TestContainer> =>
  pod.start({ config: { tty: true, stdin: true }, script });

async function attach(arm: ArmInstance, { id: containerId }: TestContainer): Promise<StreamClient> {
  const { url } = await arm.cri.attach({ containerId, stdin: true, stdout: true, tty: true });
  return StreamClient.open(url);
}

/** Waits until the client has got the text. */
function sees(client: StreamClient, text: string): Promise<string> {
  return eventually(
    `a client sees ${JSON.stringify(text)}`,
    async () => client.stdout.toString(),
    (seen) => seen.includes(text),
  );
}

const ECHO = 'echo ready; while read line; do test "$line" = end && exit 3; echo "<$line>"; done';

/** Answers, and counts meanwhile; the last number is that of the file /tmp/count. */
const COUNT = `
(i=0; while test ! -e /tmp/enough; do echo "line $i"; i=$((i+1)); usleep 20000; done; echo $i > /tmp/count) &
while read line; do test "$line" = end && touch /tmp/enough && wait && exit 0; echo "<$line>"; done`;

async function expectAllCounted(container: TestContainer): Promise<void> {
  const numbers = [...(await container.stdout()).matchAll(/line (\d+)\r?\n/g)].map(([, number]) => Number(number));
  expect(numbers.length).toBeGreaterThan(2);
  expect(numbers).toEqual(Array.from(numbers, (_, index) => index));
}

export const terminal: Theme = {
  name: "terminal",
  scenarios: [
    scenario(
      "an app's terminal is one for all three streams; a client types, sees what comes, and leaves",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await startApp(
          pod,
          `test -t 0 && test -t 1 && test -t 2 && echo "a terminal, $TERM"; ${ECHO}`,
        );
        await container.says("a terminal, xterm");
        await using client = await attach(arm, container);
        client.write("hello\r");
        await sees(client, "hello\r\n<hello>\r\n");
        client.write("end\r");
        expect(await client.result()).toMatchObject({ code: 0, stderr: "" });
        expect((await container.exited()).exitCode).toBe(3);
        // containerd's log takes the terminal's carriage return for a part of the line's end
        const end = arm.lxd ? "\r\n" : "\n";
        expect(await container.stdout()).toBe(["a terminal, xterm", "ready", "hello", "<hello>", "end", ""].join(end));
      },
    ),

    scenario("a terminal has the size that a client gives it", async (arm) => {
      await using pod = await runPod(arm);
      const container = await startApp(pod, 'trap "stty size" WINCH; echo ready; while true; do usleep 10000; done');
      await container.says("ready");
      await using client = await attach(arm, container);
      client.resize(132, 43);
      await sees(client, "43 132\r\n");
      client.resize(77, 21);
      await sees(client, "21 77\r\n");
    }),

    scenario("ctrl-C reaches all of the app's process group", async (arm) => {
      await using pod = await runPod(arm);
      const container = await startApp(pod, 'trap "echo interrupted; exit 5" INT; echo ready; sleep 1000');
      await container.says("ready");
      await using client = await attach(arm, container);
      // typed before the shell waits for its child it would be for the shell alone
      await eventually(
        "the child runs",
        () => container.sh("ps"),
        (processes) => processes.includes("sleep 1000"),
      );
      client.write("\x03");
      expect((await client.result()).stdout).toContain("interrupted\r\n");
      expect((await container.exited()).exitCode).toBe(5);
    }),

    scenario("a client that leaves while the app writes harms nothing, and others attach", async (arm) => {
      await using pod = await runPod(arm);
      const container = await startApp(pod, COUNT);
      for (let number = 0; number < 4; number++) {
        const client = await attach(arm, container);
        client.write(`${number}\r`);
        await sees(client, `<${number}>`);
        await client.cut();
      }
      await using last = await attach(arm, container);
      await container.says("line 3");
      last.write("end\r");
      await last.result();
      expect((await container.exited()).exitCode).toBe(0);
      await expectAllCounted(container);
    }),

    scenario("several clients share a terminal, and each sees all of it", async (arm) => {
      await using pod = await runPod(arm);
      const container = await startApp(pod, ECHO);
      await container.says("ready");
      await using one = await attach(arm, container);
      await using other = await attach(arm, container);
      // a connection that is open may not be attached yet
      for (const [name, client] of Object.entries({ one, other })) {
        client.write(`${name}\r`);
        await sees(client, `<${name}>\r\n`);
      }
      one.write("from one\r");
      await Promise.all([one, other].map((client) => sees(client, "<from one>\r\n")));
      other.write("from the other\r");
      await Promise.all([one, other].map((client) => sees(client, "<from the other>\r\n")));
    }),

    scenario("the runtime's end neither ends a terminal nor loses what the app writes meanwhile", async (arm) => {
      await using pod = await runPod(arm);
      const container = await startApp(pod, COUNT);
      const before = await attach(arm, container);
      before.write("before\r");
      await sees(before, "<before>");
      await arm.runtime.stop("kill");
      await before.result();
      await arm.runtime.start();
      await using after = await attach(arm, container);
      after.write("after\r");
      await sees(after, "<after>");
      await container.says("line 3");
      after.write("end\r");
      await after.result();
      expect((await container.exited()).exitCode).toBe(0);
      await expectAllCounted(container);
    }),

    lxeScenario(
      "LXD's end does not end a terminal",
      "there is no LXD",
      async (arm, { daemon }) => {
        await using pod = await runPod(arm);
        const container = await startApp(pod, COUNT);
        await container.says("line 0");
        await daemon?.stop("kill");
        await using client = await attach(arm, container);
        client.write("meanwhile\r");
        await sees(client, "<meanwhile>");
        await daemon?.start();
        await container.says("line 3");
        client.write("end\r");
        await container.exited();
        await expectAllCounted(container);
      },
      ({ lxd }) => (lxd?.daemon ? undefined : "the LXD is not this arm's own"),
    ),

    lxeScenario(
      "an app that ends while the runtime is away has its last words in the log",
      "containerd says 255 and Unknown, and has no log of it",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await startApp(
          pod,
          "echo ready; until test -e /tmp/go; do usleep 20000; done; echo last words; exit 6",
        );
        await container.says("ready");
        await container.exec(["sh", "-c", "(usleep 300000; touch /tmp/go) > /dev/null 2>&1 &"]);
        await arm.runtime.stop("kill");
        await eventually(
          "the app has ended",
          () => arm.task(container.id),
          ({ running }) => !running,
        );
        await arm.runtime.start();
        expect((await container.exited()).exitCode).toBe(6);
        expect(await container.stdout()).toBe("ready\r\nlast words\r\n");
      },
    ),

    scenario("a terminal serves an app that is not root", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({
        config: {
          tty: true,
          stdin: true,
          linux: { securityContext: { runAsUser: { value: 1234n }, runAsGroup: { value: 1234n } } },
        },
        script: 'id -u; echo again > /dev/tty; read line; echo "<$line>"; exit 2',
      });
      await container.says("again");
      await using client = await attach(arm, container);
      client.write("hello\r");
      expect((await client.result()).stdout).toContain("<hello>\r\n");
      expect((await container.exited()).exitCode).toBe(2);
    }),

    lxeScenario(
      "a terminal of a container that has none is refused with the field's name",
      "containerd gives the client one that does nothing",
      async (arm) => {
        await using pod = await runPod(arm);
        const { id: containerId } = await pod.start();
        await expectRefused(arm, arm.cri.attach({ containerId, stdout: true, tty: true }), "INVALID_ARGUMENT", /tty/);
      },
    ),
  ],
};
