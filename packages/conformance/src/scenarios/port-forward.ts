/** PortForward: what kubectl port-forward does. */
import { createHash } from "node:crypto";
import { NamespaceMode } from "@lxe/cri";
import { expect } from "vitest";
import { restartRuntime } from "../arms/arm.ts";
import type { TestContainer } from "../support/container.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { runPod, type TestPod } from "../support/pod.ts";
import { type ForwardedConnection, PortForwardClient } from "../support/port-forward-client.ts";
import { isLocalhost } from "../support/localhost.ts";
import { rejection } from "../support/rejection.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

/** Gives each connection to a program of its own, as its input and output. */
const serve = (port: number, program: string): string => `nc -ll -p ${port} -e ${program}`;
/** Ends all of it with the container. */
const together = (...servers: string[]): string => `${servers.join(" & ")} & wait`;

const BULK = 100 * 1024 * 1024;
const CHUNK = Buffer.alloc(256 * 1024, "0123456789abcdef");

/** Until the app listens a connection is refused. */
async function listening(container: TestContainer, port: number): Promise<void> {
  await eventually(
    `port ${port} is listened on`,
    () => container.sh("netstat -ltn"),
    (table) => new RegExp(`:${port} .*LISTEN`).test(table),
  );
}

async function startServers(pod: TestPod, script: string, ...ports: number[]): Promise<TestContainer> {
  const container = await pod.start({ script });
  for (const port of ports) await listening(container, port);
  return container;
}

/** A connection that has come back with what was sent. */
async function echoed(client: PortForwardClient, port: number, text: string): Promise<ForwardedConnection> {
  const connection = await client.connect(port);
  await connection.write(text);
  await eventually(
    "the text comes back",
    async () => connection.textSoFar,
    (seen) => seen === text,
  );
  return connection;
}

/** All that comes back for what was sent. */
async function echo(client: PortForwardClient, port: number, text: string): Promise<string> {
  const connection = await client.connect(port);
  await connection.write(text);
  await connection.end();
  return connection.text();
}

/** SHA-256 of what was sent. */
async function sendBulk(connection: ForwardedConnection): Promise<string> {
  const hash = createHash("sha256");
  for (let sent = 0; sent < BULK; sent += CHUNK.length) {
    hash.update(CHUNK);
    await connection.write(CHUNK);
  }
  return hash.digest("hex");
}

const get = "GET /page HTTP/1.0\r\n\r\n";
const httpd = (address: string): string => `echo the page >/tmp/page; exec httpd -f -p ${address} -h /tmp`;

export const portForward: Theme = {
  name: "port-forward",
  scenarios: [
    scenario("a port that only the pod's own loopback has is reached", async (arm) => {
      await using pod = await runPod(arm);
      await startServers(pod, httpd("127.0.0.1:8080"), 8080);
      await using client = await PortForwardClient.open(arm, pod);
      const connection = await client.connect(8080);
      await connection.write(get);
      expect(await connection.text()).toContain("the page\n");
      await connection.end();
      expect(await connection.failure()).toBe("");
    }),

    scenario(
      "a port that listens on IPv6 alone is reached",
      async (arm) => {
        await using pod = await runPod(arm);
        await startServers(pod, httpd("[::1]:8080"), 8080);
        await using client = await PortForwardClient.open(arm, pod);
        const connection = await client.connect(8080);
        await connection.write(get);
        expect(await connection.text()).toContain("the page\n");
        await connection.end();
        expect(await connection.failure()).toBe("");
      },
      (arm) =>
        arm.lxd || isLocalhost("::1")
          ? undefined
          : "containerd looks localhost up in the host's /etc/hosts, which does not have ::1 for it",
    ),

    scenario("a pod on the host's network is reached", async (arm) => {
      const options = { network: NamespaceMode.NODE, pid: NamespaceMode.CONTAINER };
      const linux = { securityContext: { namespaceOptions: options } };
      await using pod = await runPod(arm, { config: { hostname: "", linux } });
      const port = await freePort();
      const container = await pod.start({ script: httpd(`127.0.0.1:${port}`), config: { linux } });
      await using client = await PortForwardClient.open(arm, pod);
      await eventually(
        "the page comes",
        async () => {
          expect((await container.status()).exitCode).toBe(0);
          const connection = await client.connect(port);
          await connection.write(get);
          return connection.text();
        },
        (text) => text.includes("the page\n"),
      );
    }),

    scenario("a port that nobody listens on is told as refused, and others go on", async (arm) => {
      await using pod = await runPod(arm);
      await startServers(pod, serve(8080, "cat"), 8080);
      await using client = await PortForwardClient.open(arm, pod);
      const refused = await client.connect(8081);
      expect(await refused.failure()).toMatch(/8081.*connection refused/is);
      expect(await echo(client, 8080, "still")).toBe("still");
    }),

    scenario("many connections are open at once, and each gets its own answer", async (arm) => {
      await using pod = await runPod(arm);
      await startServers(pod, serve(8080, "cat"), 8080);
      await using client = await PortForwardClient.open(arm, pod);
      const connections: ForwardedConnection[] = [];
      // one after the other: nc lets only two wait to be accepted
      for (let number = 0; number < 40; number++) connections.push(await echoed(client, 8080, `hello ${number}`));
      await Promise.all(connections.map((connection) => connection.write(", bye")));
      await Promise.all(connections.map((connection) => connection.end()));
      const answers = await Promise.all(connections.map((connection) => connection.text()));
      expect(answers).toEqual(answers.map((_, number) => `hello ${number}, bye`));
    }),

    scenario("100 MiB pass each way without loss", async (arm) => {
      await using pod = await runPod(arm);
      const servers = together(
        serve(8080, `sh -c 'head -c ${BULK} | sha256sum'`),
        serve(8081, `head -c ${BULK} /dev/zero`),
      );
      await startServers(pod, servers, 8080, 8081);
      await using client = await PortForwardClient.open(arm, pod);
      const up = await client.connect(8080);
      const sent = await sendBulk(up);
      expect(await up.text()).toBe(`${sent}  -\n`);
      const down = await client.connect(8081);
      expect(await down.digest()).toBe(createHash("sha256").update(Buffer.alloc(BULK)).digest("hex"));
    }),

    lxeScenario(
      "the end of the input comes through, and the answer to it as late as it may be",
      "containerd 2.1 does not pass it on: it closes both directions a second after either has ended",
      async (arm) => {
        await using pod = await runPod(arm);
        await startServers(pod, serve(8080, "sh -c 'sha256sum; sleep 2; echo late'"), 8080);
        await using client = await PortForwardClient.open(arm, pod);
        const connection = await client.connect(8080);
        const sent = await sendBulk(connection);
        await connection.end();
        expect(await connection.text()).toBe(`${sent}  -\nlate\n`);
      },
    ),

    scenario("a client that is killed leaves no connection and no process in the pod", async (arm) => {
      const linux = { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } };
      await using pod = await runPod(arm, { config: { linux } });
      const container = await pod.start({ script: serve(8080, "cat"), config: { linux } });
      await listening(container, 8080);
      const processes = async (): Promise<number> => (await container.sh("ps")).trim().split("\n").length;
      const before = await processes();
      {
        await using client = await PortForwardClient.open(arm, pod);
        for (let number = 0; number < 5; number++) {
          await echoed(client, 8080, `hello ${number}`);
        }
      }
      await eventually(
        "no connection is left",
        () => container.sh("netstat -tn"),
        (table) => !table.includes("ESTABLISHED"),
      );
      await eventually("no process is left", processes, (count) => count === before);
    }),

    scenario("several clients forward ports of one pod, and each leaves alone", async (arm) => {
      await using pod = await runPod(arm);
      await startServers(pod, serve(8080, "cat"), 8080);
      await using stays = await PortForwardClient.open(arm, pod);
      {
        await using leaves = await PortForwardClient.open(arm, pod);
        expect(await Promise.all([echo(stays, 8080, "one"), echo(leaves, 8080, "two")])).toEqual(["one", "two"]);
      }
      expect(await echo(stays, 8080, "three")).toBe("three");
    }),

    scenario("a connection that the client resets is closed in the pod, and others go on", async (arm) => {
      await using pod = await runPod(arm);
      const container = await startServers(pod, serve(8080, "cat"), 8080);
      await using client = await PortForwardClient.open(arm, pod);
      const connection = await echoed(client, 8080, "x");
      await connection.reset();
      await eventually(
        "no connection is left",
        () => container.sh("netstat -tn"),
        (table) => !table.includes("ESTABLISHED"),
      );
      expect(await echo(client, 8080, "y")).toBe("y");
    }),

    scenario("the client is told when the pod stops", async (arm) => {
      await using pod = await runPod(arm);
      await startServers(pod, serve(8080, "cat"), 8080);
      await using client = await PortForwardClient.open(arm, pod);
      const connection = await echoed(client, 8080, "x");
      await pod.stop();
      expect(await connection.text()).toBe("x");
    }),

    scenario("a kill of lxe leaves no process in the pod, and the next client is served", async (arm) => {
      const linux = { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } };
      await using pod = await runPod(arm, { config: { linux } });
      const container = await pod.start({ script: serve(8080, "cat"), config: { linux } });
      await listening(container, 8080);
      const processes = async (): Promise<number> => (await container.sh("ps")).trim().split("\n").length;
      const before = await processes();
      {
        await using client = await PortForwardClient.open(arm, pod);
        const connection = await echoed(client, 8080, "x");
        await restartRuntime(arm, "kill");
        expect(await connection.text()).toBe("x");
      }
      await eventually("no process is left", processes, (count) => count === before);
      await using client = await PortForwardClient.open(arm, pod);
      await echoed(client, 8080, "y");
    }),

    scenario("is refused for a pod that is not there or does not run", async (arm) => {
      expect(await rejection(arm.cri.portForward({ podSandboxId: "nothing" }))).toMatchObject({
        codeName: "NOT_FOUND",
      });
      await using pod = await runPod(arm);
      await pod.stop();
      expect(await rejection(arm.cri.portForward({ podSandboxId: pod.id }))).toBeDefined();
    }),
  ],
};
