import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import type { ExecSession, TerminalSize } from "./session.ts";
import { requestUpgrade } from "./testing/http-upgrade.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { SpdyTestClient } from "./testing/spdy-client.ts";
import { startStreaming } from "./testing/start-streaming.ts";
import { until } from "./testing/until.ts";

const echoing = async (_: unknown, session: ExecSession): Promise<void> => {
  session.stderr?.write("to stderr");
  if (session.stdin !== undefined && session.stdout !== undefined) await pipeline(session.stdin, session.stdout);
  await session.finish({ exitCode: 3 });
};

describe("an exec over SPDY", () => {
  it("carries stdin, stdout, stderr and the exit code, and ends outputs before the status", async () => {
    await using streaming = await startStreaming({ exec: echoing });
    const client = await SpdyTestClient.connect(streaming.url("exec", { stdin: true, stderr: true }));
    const { error, stdin, stdout, stderr } = await client.openAll("error", "stdin", "stdout", "stderr");
    const ends: string[] = [];
    for (const [name, stream] of Object.entries({ error, stdin, stdout, stderr })) {
      void stream.ended.then((how) => ends.push(`${name} ${how}`));
    }
    await stdin.write("hel");
    await stdin.write("lo");
    await stdin.end();
    await expect(stdout.text()).resolves.toBe("hello");
    await expect(stderr.text()).resolves.toBe("to stderr");
    expect(JSON.parse(await error.text())).toMatchObject({
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
    await client.closed;
    expect(ends.toSorted()).toEqual(["error fin", "stderr fin", "stdin fin", "stdout fin"]);
    expect(ends.indexOf("error fin")).toBeGreaterThan(ends.indexOf("stdout fin"));
    expect(ends.indexOf("error fin")).toBeGreaterThan(ends.indexOf("stderr fin"));
    expect(client.frames.at(-1)).toMatchObject({ type: "goaway", status: 0 });
  });

  it.each([
    ["v5.channel.k8s.io", '{"metadata":{},"status":"Success"}'],
    ["v4.channel.k8s.io", '{"metadata":{},"status":"Success"}'],
    ["v3.channel.k8s.io", ""],
    ["v2.channel.k8s.io", ""],
    ["channel.k8s.io", ""],
  ])("in %s reports success as %j", async (protocol, status) => {
    await using streaming = await startStreaming({ exec: (_, session) => session.finish({ exitCode: 0 }) });
    const client = await SpdyTestClient.connect(streaming.url("exec"), [protocol]);
    const { error } = await client.openAll("error", "stdout");
    await expect(error.text()).resolves.toBe(status);
  });

  it.each([
    ["v4.channel.k8s.io", '"message":"Internal error occurred: no such container"'],
    ["v3.channel.k8s.io", "Internal error occurred: no such container"],
  ])("in %s tells what the handler threw", async (protocol, message) => {
    await using streaming = await startStreaming({ exec: () => Promise.reject(new Error("no such container")) });
    const client = await SpdyTestClient.connect(streaming.url("exec"), [protocol]);
    const { error } = await client.openAll("error", "stdout");
    await expect(error.text()).resolves.toContain(message);
    await until(() => streaming.logged.length > 0);
    expect(streaming.logged).toMatchObject([{ fields: { kind: "exec", err: { message: "no such container" } } }]);
  });

  it("fails when its handler never said how it ended", async () => {
    await using streaming = await startStreaming({ exec: () => Promise.resolve() });
    const client = await SpdyTestClient.connect(streaming.url("exec"));
    const { error } = await client.openAll("error", "stdout");
    await expect(error.text()).resolves.toContain("the command ended without a status");
  });

  it("gets what the client sends behind its request, and behind a stream's start", async () => {
    await using streaming = await startStreaming({ exec: echoing });
    const url = streaming.url("exec", { stdin: true });
    const answer = await requestUpgrade(
      url,
      ["Connection: keep-alive, Upgrade", "Upgrade: spdy/3.1", "X-Stream-Protocol-Version: v4.channel.k8s.io"],
      { behind: Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 9]) },
    );
    const client = new SpdyTestClient(answer.socket, "", answer.rest);
    await until(() => client.frames.length > 0);
    expect(client.frames).toEqual([{ type: "ping", id: 9 }]);
    client.start({ streamtype: "error" });
    const stdin = client.start({ streamtype: "stdin" });
    const stdout = client.start({ streamtype: "stdout" });
    await stdin.write("early", true);
    await expect(stdout.text()).resolves.toBe("early");
  });

  it("waits for the streams of the request, not for others, and refuses one twice", async () => {
    await using streaming = await startStreaming({ exec: echoing });
    const client = await SpdyTestClient.connect(streaming.url("exec", { stdin: true }));
    const unknown = await client.open({ streamtype: "whatever" });
    await unknown.write("x".repeat(100_000));
    const stderr = await client.open({ streamtype: "stderr" });
    const { stdin, stdout } = await client.openAll("stdin", "stdout");
    const again = client.start({ streamtype: "stdout" });
    await expect(again.ended).resolves.toBe("reset");
    expect(again.resetStatus).toBe(1);
    expect(stdout.textSoFar).toBe("");
    await stdin.write("now", true);
    await client.open({ streamtype: "error" });
    await expect(stdout.text()).resolves.toBe("now");
    await expect(stderr.ended).resolves.toBe("reset");
  });

  it("is dropped when the streams do not come within 30 s", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming({ exec: echoing }, { clock });
    const client = await SpdyTestClient.connect(streaming.url("exec", { stdin: true }));
    await client.openAll("error", "stdout");
    clock.advance(29_999);
    expect(streaming.server.active).toBe(1);
    clock.advance(1);
    await client.closed;
    await until(() => streaming.server.active === 0);
    expect(streaming.logged).toMatchObject([{ message: "client was never ready for its stream" }]);
    expect(clock.pending).toBe(0);
  });

  it("is dropped after four hours without a frame, and not while there are pings", async () => {
    const clock = new ManualClock();
    const reason = Promise.withResolvers<unknown>();
    await using streaming = await startStreaming(
      {
        exec: async (_, session, signal) => {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          reason.resolve(signal.reason);
          await session.finish({ exitCode: 0 });
        },
      },
      { clock },
    );
    const client = await SpdyTestClient.connect(streaming.url("exec"));
    await client.openAll("error", "stdout");
    for (let ping = 1; ping < 9; ping += 2) {
      clock.advance(2 * 60 * 60 * 1000);
      await client.sendFrame({ type: "ping", id: ping });
      await until(() => client.frames.length === (ping + 1) / 2);
    }
    clock.advance(4 * 60 * 60 * 1000);
    await expect(reason.promise).resolves.toMatchObject({ message: "nothing moved for too long" });
    await client.closed;
  });

  it("has a terminal's size, and the sizes after it", async () => {
    const sizes: TerminalSize[] = [];
    await using streaming = await startStreaming({
      exec: async (_, session) => {
        for await (const size of session.resize ?? []) sizes.push(size);
        await session.finish({ exitCode: 0 });
      },
    });
    const client = await SpdyTestClient.connect(streaming.url("exec", { tty: true, stdin: true }));
    const { error, resize } = await client.openAll("error", "stdin", "stdout", "resize");
    await resize.write('{"Width":80,"Hei');
    await resize.write('ght":24}\n');
    await until(() => sizes.length === 1);
    await resize.write('{"Width":100,"Height":50}\n');
    await until(() => sizes.length === 2);
    await resize.end();
    await error.ended;
    expect(sizes).toEqual([
      { width: 80, height: 24 },
      { width: 100, height: 50 },
    ]);
  });

  it("without a terminal, or before v3, needs no stream of sizes", async () => {
    await using streaming = await startStreaming({
      exec: (_, session) => session.finish({ exitCode: session.resize === undefined ? 0 : 1 }),
    });
    const client = await SpdyTestClient.connect(streaming.url("exec", { tty: true }), ["v2.channel.k8s.io"]);
    const { error } = await client.openAll("error", "stdout");
    await expect(error.text()).resolves.toBe("");
  });
});

describe("an attach over SPDY", () => {
  it("reports success, whatever the exit code", async () => {
    await using streaming = await startStreaming({ attach: echoing });
    const client = await SpdyTestClient.connect(streaming.url("attach", { stdin: true }));
    const { error, stdin, stdout } = await client.openAll("error", "stdin", "stdout");
    await stdin.write("hello", true);
    await expect(stdout.text()).resolves.toBe("hello");
    await expect(error.text()).resolves.toBe('{"metadata":{},"status":"Success"}');
  });

  it("ends with success when its handler returns", async () => {
    await using streaming = await startStreaming({ attach: () => Promise.resolve() });
    const client = await SpdyTestClient.connect(streaming.url("attach"));
    const { error } = await client.openAll("error", "stdout");
    await expect(error.text()).resolves.toBe('{"metadata":{},"status":"Success"}');
  });
});

describe("a client that goes away", () => {
  it.each(["kill", "goaway"] as const)(
    "by %s ends stdin, fails writes, aborts the signal, and leaves nothing",
    async (how) => {
      const input = Promise.withResolvers<string>();
      const reason = Promise.withResolvers<unknown>();
      const clock = new ManualClock();
      await using streaming = await startStreaming(
        {
          exec: async (_, session, signal) => {
            signal.addEventListener("abort", () => reason.resolve(signal.reason));
            if (session.stdin !== undefined) input.resolve(await text(session.stdin));
            await reason.promise;
            await expect(new Promise((resolve) => session.stdout?.write("x", resolve))).resolves.toBeInstanceOf(Error);
            await session.finish({ exitCode: 0 });
          },
        },
        { clock },
      );
      const client = await SpdyTestClient.connect(streaming.url("exec", { stdin: true }));
      const { stdin } = await client.openAll("error", "stdin", "stdout");
      await stdin.write("last words");
      if (how === "goaway") {
        await client.sendFrame({ type: "goaway", lastStreamId: 0, status: 0 });
        client.socket.end();
      } else client.socket.destroy();
      await expect(input.promise).resolves.toBe("last words");
      await expect(reason.promise).resolves.toBeInstanceOf(Error);
      await until(() => streaming.server.active === 0);
      expect(clock.pending).toBe(0);
      expect(streaming.logged).toMatchObject([{ message: "stream ended" }]);
    },
  );

  it("is noticed while stdin is not read", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming(
      {
        exec: async (_, session, signal) => {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          await session.finish({ exitCode: 0 });
        },
      },
      { clock },
    );
    const client = await SpdyTestClient.connect(streaming.url("exec", { stdin: true }));
    const { stdin } = await client.openAll("error", "stdin", "stdout");
    void stdin.write(Buffer.alloc(15 * 1024 * 1024));
    // The second timer is the one that pings while nothing is read.
    await until(() => clock.pending === 2);
    client.socket.destroy();
    await until(() => {
      clock.advance(5_000);
      return streaming.server.active === 0;
    });
    expect(clock.pending).toBe(0);
  });
});
