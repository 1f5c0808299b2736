import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError, ResourceExhaustedError, UnavailableError } from "../errors.ts";
import { createStreamingServer } from "./server.ts";
import type { ExecSession } from "./session.ts";
import { requestUpgrade } from "./testing/http-upgrade.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { SpdyTestClient } from "./testing/spdy-client.ts";
import { startStreaming } from "./testing/start-streaming.ts";
import { until } from "./testing/until.ts";

const toSpdy = ["Connection: Upgrade", "Upgrade: SPDY/3.1"];
const v4 = "X-Stream-Protocol-Version: v4.channel.k8s.io";

async function succeed(_: unknown, session: ExecSession): Promise<void> {
  session.stdout?.write("done");
  await session.finish({ exitCode: 0 });
}

async function run(url: string): Promise<string> {
  const client = await SpdyTestClient.connect(url);
  const { stdout } = await client.openAll("error", "stdout");
  return stdout.text();
}

describe("a URL", () => {
  it("is on loopback, with the kind and a token, and serves one client", async () => {
    await using streaming = await startStreaming({ exec: succeed });
    const url = streaming.url("exec");
    expect(url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${streaming.port}/exec/[\\w-]{8}$`));
    await expect(run(url)).resolves.toBe("done");
    await expect(run(url)).rejects.toThrow("refused with 404");
  });

  it("is used up by a request for another kind, and by one that is no upgrade", async () => {
    await using streaming = await startStreaming({ exec: succeed });
    const first = streaming.url("exec");
    expect((await requestUpgrade(first.replace("/exec/", "/attach/"), [...toSpdy, v4])).status).toBe(404);
    expect((await requestUpgrade(first, [...toSpdy, v4])).status).toBe(404);
    const second = streaming.url("exec");
    expect((await fetch(second)).status).toBe(400);
    expect((await fetch(second)).status).toBe(404);
  });

  it("expires", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming({ exec: succeed }, { clock });
    const url = streaming.url("exec");
    clock.advance(60_000);
    expect((await requestUpgrade(url, [...toSpdy, v4])).status).toBe(404);
  });

  it("starts with the base URL, whose path may or may not reach the server", async () => {
    await using streaming = await startStreaming({ exec: succeed }, { baseUrl: "https://node.example:9/lxe/" });
    const url = streaming.url("exec");
    expect(url).toMatch(/^https:\/\/node\.example:9\/lxe\/exec\/[\w-]{8}$/);
    const here = (issued: string) => issued.replace("https://node.example:9", `http://127.0.0.1:${streaming.port}`);
    await expect(run(here(url))).resolves.toBe("done");
    await expect(run(here(streaming.url("exec")).replace("/lxe", ""))).resolves.toBe("done");
  });

  it("is refused when 1000 wait", async () => {
    await using streaming = await startStreaming({});
    for (let count = 0; count < 1000; count++) streaming.url("portforward");
    expect(() => streaming.url("exec")).toThrow(ResourceExhaustedError);
  });

  it.each([
    ["exec", { containerId: "" }],
    ["attach", { containerId: "" }],
    ["exec", { tty: true, stderr: true }],
    ["attach", { stdout: false }],
  ] as const)("is refused for %s with %o", async (kind, request) => {
    await using streaming = await startStreaming({});
    expect(() => streaming.url(kind, request)).toThrow(InvalidArgumentError);
  });

  it("is refused for a port-forward without a pod", async () => {
    await using streaming = await startStreaming({});
    expect(() => streaming.url("portforward", { podSandboxId: "" })).toThrow(InvalidArgumentError);
  });

  it("is refused by a server that does not listen", async () => {
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const handlers = { exec: succeed, attach: succeed, portForward: () => Promise.resolve() };
    const server = createStreamingServer({ handlers, log });
    const request = { podSandboxId: "p", port: [] };
    expect(() => server.issue("portforward", request)).toThrow(UnavailableError);
    await server.listen();
    server.issue("portforward", request);
    await server.close();
    expect(() => server.issue("portforward", request)).toThrow(UnavailableError);
  });
});

describe("an upgrade", () => {
  it("needs a protocol", async () => {
    await using streaming = await startStreaming({});
    expect((await requestUpgrade(streaming.url("exec"), toSpdy)).status).toBe(400);
    expect((await requestUpgrade(streaming.url("exec"), [...toSpdy, "X-Stream-Protocol-Version: "])).status).toBe(400);
  });

  it("names the known protocols to a client that has none of them", async () => {
    await using streaming = await startStreaming({});
    const answer = await requestUpgrade(streaming.url("exec"), [...toSpdy, "X-Stream-Protocol-Version: v9"]);
    expect(answer.status).toBe(403);
    expect(answer.headers.filter((line) => line.startsWith("X-Accepted-Stream-Protocol-Versions: "))).toHaveLength(5);
  });

  it("goes to SPDY/3.1 only", async () => {
    await using streaming = await startStreaming({});
    const answer = await requestUpgrade(streaming.url("exec"), ["Connection: Upgrade", "Upgrade: h2c", v4]);
    expect(answer.status).toBe(400);
  });

  it("is answered on GET as on POST, by nothing but 101 and its headers", async () => {
    await using streaming = await startStreaming({ exec: succeed });
    for (const method of ["GET", "POST"]) {
      const answer = await requestUpgrade(streaming.url("exec"), [...toSpdy, v4], { method });
      expect(answer).toMatchObject({
        status: 101,
        headers: ["Connection: Upgrade", "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: v4.channel.k8s.io"],
        rest: Buffer.alloc(0),
      });
      answer.socket.destroy();
    }
  });

  it.each([
    [["v5.channel.k8s.io", "v4.channel.k8s.io"], "v5.channel.k8s.io"],
    [["v7", "v3.channel.k8s.io", "v4.channel.k8s.io"], "v3.channel.k8s.io"],
    [["v9,v4.channel.k8s.io, v2.channel.k8s.io"], "v4.channel.k8s.io"],
    [["channel.k8s.io"], "channel.k8s.io"],
  ])("of %j chooses the client's first that is known", async (offered, chosen) => {
    await using streaming = await startStreaming({ exec: succeed });
    const client = await SpdyTestClient.connect(streaming.url("exec"), offered);
    expect(client.protocol).toBe(chosen);
    client.socket.destroy();
  });
});

describe("the server", () => {
  it("cannot be bound where another one is", async () => {
    await using streaming = await startStreaming({});
    const handlers = { exec: succeed, attach: succeed, portForward: () => Promise.resolve() };
    const other = createStreamingServer({ handlers, log: { debug() {}, info() {}, warn() {}, error() {} } });
    await expect(other.listen({ port: streaming.port })).rejects.toThrow(UnavailableError);
    await other.close();
  });

  it("speaks TLS", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lxe-streaming-"));
    const [cert, key] = ["cert.pem", "key.pem"].map((name) => join(directory, name)) as [string, string];
    const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost -out ${cert} -keyout ${key}`;
    execFileSync("openssl", args.split(" "), { stdio: "pipe" });
    const tls = { cert: readFileSync(cert), key: readFileSync(key) };
    rmSync(directory, { recursive: true });
    await using streaming = await startStreaming({ exec: succeed }, { tls });
    const url = streaming.url("exec");
    expect(url).toMatch(/^https:/);
    await expect(run(url)).resolves.toBe("done");
  });

  it("when closing aborts its handlers, tells clients how they ended, and waits for them", async () => {
    const reason = Promise.withResolvers<unknown>();
    await using streaming = await startStreaming({
      exec: async (_, session, signal) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        reason.resolve(signal.reason);
        await session.finish({ exitCode: 137 });
      },
    });
    const client = await SpdyTestClient.connect(streaming.url("exec"));
    const { error } = await client.openAll("error", "stdout");
    await streaming.server.close();
    await expect(reason.promise).resolves.toBeInstanceOf(UnavailableError);
    await expect(error.text()).resolves.toContain('"137"');
    expect(streaming.server.active).toBe(0);
    await client.closed;
  });

  it("when closing does not wait for connections without a request, nor for clients that never read", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming({ exec: (_, session) => session.finish({ exitCode: 0 }) }, { clock });
    const silent = createConnection(streaming.port, "127.0.0.1");
    await new Promise((resolve) => silent.once("connect", resolve));
    const answer = await requestUpgrade(streaming.url("exec"), [...toSpdy, v4]);
    await until(() => streaming.server.active === 1);
    const closed = streaming.server.close();
    clock.advance(5_000);
    await closed;
    expect(streaming.server.active).toBe(0);
    silent.destroy();
    answer.socket.destroy();
  });
});
