import { once } from "node:events";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { ExecSession, PortForwardSession, TerminalSize } from "./session.ts";
import { requestUpgrade } from "./testing/http-upgrade.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { SpdyTestClient } from "./testing/spdy-client.ts";
import { startStreaming } from "./testing/start-streaming.ts";
import { TunnelClient } from "./testing/tunnel-client.ts";
import { until } from "./testing/until.ts";

interface Message {
  bytes: Buffer;
  isBinary: boolean;
}

interface Client {
  webSocket: WebSocket;
  messages: Message[];
  closed: Promise<number>;
}

async function connect(url: string, protocols: string | string[] = "v4.channel.k8s.io"): Promise<Client> {
  const webSocket = new WebSocket(url.replace(/^http/, "ws"), protocols);
  const messages: Message[] = [];
  webSocket.on("message", (bytes: Buffer, isBinary: boolean) => messages.push({ bytes, isBinary }));
  const closed = new Promise<number>((resolve) => webSocket.on("close", resolve));
  await once(webSocket, "open");
  return { webSocket, messages, closed };
}

/** What came on a channel, in binary. */
function on(client: Client, channel: number): string {
  const payloads = client.messages.filter(({ bytes }) => bytes[0] === channel).map(({ bytes }) => bytes.subarray(1));
  return Buffer.concat(payloads).toString();
}

const success = '{"metadata":{},"status":"Success"}';

const echoing = async (_: unknown, session: ExecSession): Promise<void> => {
  session.stderr?.write("to stderr");
  if (session.stdin !== undefined && session.stdout !== undefined) await pipeline(session.stdin, session.stdout);
  await session.finish({ exitCode: 3 });
};

/** Answers to the first line, for protocols that cannot end stdin. */
const answering = async (_: unknown, session: ExecSession): Promise<void> => {
  const [line] = await once(session.stdin ?? Duplex.from([]), "data");
  session.stdout?.write(`you said ${String(line)}`);
  await session.finish({ exitCode: 0 });
};

describe("an exec over WebSocket v5", () => {
  it("carries all streams, the end of stdin, the exit code, and closes with 1000", async () => {
    await using streaming = await startStreaming({ exec: echoing });
    const client = await connect(streaming.url("exec", { stdin: true, stderr: true }), ["v5.channel.k8s.io"]);
    expect(client.webSocket.protocol).toBe("v5.channel.k8s.io");
    client.webSocket.send(Buffer.from("\0hello"));
    client.webSocket.send(Buffer.from([255, 0]));
    await expect(client.closed).resolves.toBe(1000);
    expect(client.messages[0]).toEqual({ bytes: Buffer.from([1]), isBinary: true });
    expect([on(client, 1), on(client, 2)]).toEqual(["hello", "to stderr"]);
    expect(JSON.parse(on(client, 3))).toMatchObject({ details: { causes: [{ reason: "ExitCode", message: "3" }] } });
    expect(client.messages.at(-1)?.bytes[0]).toBe(3);
  });

  it.each([
    ["a text message", "text"],
    ["a close that is too long", Buffer.from([255, 0, 0])],
    ["a close without a channel", Buffer.from([255])],
    ["a close of a channel that is none", Buffer.from([255, 5])],
  ])("ends over %s", async (_, message) => {
    await using streaming = await startStreaming({ exec: echoing });
    const client = await connect(streaming.url("exec", { stdin: true }), "v5.channel.k8s.io");
    client.webSocket.send(message);
    await expect(client.closed).resolves.toBe(1002);
    await until(() => streaming.server.active === 0);
  });
});

describe("an exec over older WebSocket protocols", () => {
  it.each([
    ["v4.channel.k8s.io", success],
    ["channel.k8s.io", ""],
    [[], ""],
  ])("speaks %j in binary", async (protocol, status) => {
    await using streaming = await startStreaming({ exec: answering });
    const client = await connect(streaming.url("exec", { stdin: true }), protocol);
    client.webSocket.send(Buffer.from("\x09to nobody"));
    client.webSocket.send(Buffer.alloc(0));
    client.webSocket.send(Buffer.from("\0hello"));
    await expect(client.closed).resolves.toBe(1000);
    expect([on(client, 1), on(client, 3)]).toEqual(["you said hello", status]);
    expect(client.messages.every(({ isBinary }) => isBinary)).toBe(true);
  });

  it.each([
    ["v4.base64.channel.k8s.io", success],
    ["base64.channel.k8s.io", ""],
  ])("speaks %s in text", async (protocol, status) => {
    await using streaming = await startStreaming({ exec: answering });
    const client = await connect(streaming.url("exec", { stdin: true }), protocol);
    client.webSocket.send(`0${Buffer.from("hello").toString("base64")}`);
    await expect(client.closed).resolves.toBe(1000);
    const decoded = client.messages.map(({ bytes }) => [
      bytes.toString()[0],
      Buffer.from(bytes.toString().slice(1), "base64").toString(),
    ]);
    const expected = [
      ["1", ""],
      ["1", "you said hello"],
    ];
    expect(decoded).toEqual(status === "" ? expected : [...expected, ["3", status]]);
    expect(client.messages.every(({ isBinary }) => !isBinary)).toBe(true);
  });

  it("has a terminal's sizes", async () => {
    const sizes: TerminalSize[] = [];
    await using streaming = await startStreaming({
      exec: async (_, session) => {
        for await (const size of session.resize ?? []) {
          sizes.push(size);
          break;
        }
        await session.finish({ exitCode: 0 });
      },
    });
    const client = await connect(streaming.url("exec", { tty: true }));
    client.webSocket.send(Buffer.from('\x04{"Width":80,"Height":24}'));
    await client.closed;
    expect(sizes).toEqual([{ width: 80, height: 24 }]);
  });

  it.each([
    [{ stdout: true }, 1],
    [{ stdout: false, stdin: true }, 3],
    [{ stdout: false, stderr: true }, 2],
  ])("greets on the first channel that %j has to read", async (request, channel) => {
    await using streaming = await startStreaming({ exec: (_, session) => session.finish({ exitCode: 0 }) });
    const client = await connect(streaming.url("exec", request));
    await client.closed;
    expect(client.messages[0]?.bytes).toEqual(Buffer.from([channel]));
  });
});

function upgradeHeaders(protocol: string): string[] {
  return [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `Sec-WebSocket-Protocol: ${protocol}`,
  ];
}

describe("a WebSocket upgrade", () => {
  it("is forbidden without a common protocol", async () => {
    await using streaming = await startStreaming({ exec: echoing });
    const answer = await requestUpgrade(streaming.url("exec"), upgradeHeaders("v6.channel.k8s.io"), { method: "GET" });
    expect(answer.status).toBe(403);
    await until(() => streaming.server.active === 0);
  });

  it("is refused when it is none", async () => {
    await using streaming = await startStreaming({ exec: echoing });
    const answer = await requestUpgrade(streaming.url("exec"), upgradeHeaders("v4.channel.k8s.io"), { method: "POST" });
    expect(answer.status).toBe(405);
    await until(() => streaming.server.active === 0);
  });

  it("takes the client's first protocol that is known", async () => {
    await using streaming = await startStreaming({ exec: echoing });
    const client = await connect(streaming.url("exec"), ["v9", "base64.channel.k8s.io", "v4.channel.k8s.io"]);
    expect(client.webSocket.protocol).toBe("base64.channel.k8s.io");
    client.webSocket.terminate();
  });
});

describe("a WebSocket client that goes away", () => {
  it.each(["terminate", "close"] as const)("by %s ends stdin, aborts the signal, and leaves nothing", async (how) => {
    const clock = new ManualClock();
    const input = Promise.withResolvers<string>();
    await using streaming = await startStreaming(
      {
        exec: async (_, session, signal) => {
          if (session.stdin !== undefined) input.resolve(await text(session.stdin));
          if (!signal.aborted) await once(signal, "abort");
          await session.finish({ exitCode: 0 });
        },
      },
      { clock },
    );
    const client = await connect(streaming.url("exec", { stdin: true }));
    client.webSocket.send(Buffer.from("\0last words"), () => client.webSocket[how]());
    await expect(input.promise).resolves.toBe("last words");
    await until(() => streaming.server.active === 0);
    expect(clock.pending).toBe(0);
  });

  it("is noticed while stdin is not read", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming(
      {
        exec: async (_, session, signal) => {
          await once(signal, "abort");
          await session.finish({ exitCode: 0 });
        },
      },
      { clock },
    );
    const client = await connect(streaming.url("exec", { stdin: true }));
    for (let count = 0; count < 10; count++) client.webSocket.send(Buffer.alloc(1024 * 1024));
    await until(() => clock.pending === 2);
    client.webSocket.terminate();
    await until(() => {
      clock.advance(5_000);
      return streaming.server.active === 0;
    });
    expect(clock.pending).toBe(0);
  });

  it("is answered its pings, and not read any further when it does not take the answers", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming(
      {
        exec: async (_, session, signal) => {
          await once(signal, "abort");
          await session.finish({ exitCode: 0 });
        },
      },
      { clock },
    );
    const client = await connect(streaming.url("exec"));
    let pongs = 0;
    client.webSocket.on("pong", () => pongs++);
    client.webSocket.pause();
    let pings = 0;
    await until(() => {
      for (let count = 0; count < 100; count++) client.webSocket.ping(Buffer.alloc(125));
      pings += 100;
      return clock.pending === 2;
    });
    client.webSocket.resume();
    await until(() => pongs === pings);
    client.webSocket.terminate();
    await until(() => streaming.server.active === 0);
    expect(clock.pending).toBe(0);
  });

  it("is dropped after four hours without a message", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming(
      {
        exec: async (_, session, signal) => {
          await once(signal, "abort");
          await session.finish({ exitCode: 0 });
        },
      },
      { clock },
    );
    const client = await connect(streaming.url("exec"));
    clock.advance(4 * 60 * 60 * 1000);
    await expect(client.closed).resolves.toBe(1006);
    await until(() => streaming.server.active === 0);
  });
});

const answerAll = async (_: unknown, session: PortForwardSession): Promise<void> => {
  for await (const pair of session) {
    if (pair.port === 1) await pair.finish(new Error("connection refused"));
    else {
      const [asked] = await once(pair.data, "data");
      pair.data.write(`${pair.port}: ${String(asked)}`);
      await pair.finish();
    }
  }
};

describe("a port-forward over WebSocket channels", () => {
  it("has two channels for each port, which begin with the port", async () => {
    await using streaming = await startStreaming({ portForward: answerAll });
    const client = await connect(streaming.url("portforward", { port: [80, 1] }));
    client.webSocket.send(Buffer.from("\0hello"));
    await expect(client.closed).resolves.toBe(1000);
    const channels = [0, 1, 2, 3].map((channel) => on(client, channel));
    expect(channels).toEqual(["P\x0080: hello", "P\0", "\x01\0", "\x01\0connection refused"]);
  });

  it("speaks base64", async () => {
    await using streaming = await startStreaming({ portForward: answerAll });
    const client = await connect(streaming.url("portforward", { port: [80] }), "v4.base64.channel.k8s.io");
    client.webSocket.send(`0${Buffer.from("hello").toString("base64")}`);
    await client.closed;
    expect(client.messages.map(({ bytes }) => bytes.toString())).toContain(
      `0${Buffer.from("80: hello").toString("base64")}`,
    );
  });

  it("is refused without ports", async () => {
    await using streaming = await startStreaming({ portForward: answerAll });
    await expect(connect(streaming.url("portforward"))).rejects.toThrow("400");
  });
});

describe("a port-forward through a tunnel", () => {
  it("carries SPDY in binary messages, however they are cut", async () => {
    await using streaming = await startStreaming({
      portForward: async (_, session) => {
        for await (const pair of session) {
          pair.data.write(`${pair.port}: ${await text(pair.data)}`);
          await pair.finish();
        }
      },
    });
    const tunnel = await TunnelClient.connect(streaming.url("portforward"));
    const client = new SpdyTestClient(tunnel, "", Buffer.alloc(0));
    for (const port of [80, 443]) {
      const headers = { port: String(port), requestid: String(port) };
      const error = await client.open({ streamtype: "error", ...headers });
      const data = await client.open({ streamtype: "data", ...headers });
      await data.write("hello", true);
      await expect(data.text()).resolves.toBe(`${port}: hello`);
      await expect(error.text()).resolves.toBe("");
    }
    tunnel.end();
    await expect(tunnel.closeCode).resolves.toBe(1000);
    await until(() => streaming.server.active === 0);
  });

  it("ends with 1000 when the handler returns", async () => {
    await using streaming = await startStreaming({ portForward: () => Promise.resolve() });
    const tunnel = await TunnelClient.connect(streaming.url("portforward"));
    const client = new SpdyTestClient(tunnel, "", Buffer.alloc(0));
    await expect(tunnel.closeCode).resolves.toBe(1000);
    await until(() => client.frames.length > 0);
    expect(client.frames).toMatchObject([{ type: "goaway" }]);
    await until(() => streaming.server.active === 0);
  });

  it("ends over a text message", async () => {
    await using streaming = await startStreaming({ portForward: answerAll });
    const tunnel = await TunnelClient.connect(streaming.url("portforward"));
    tunnel.sendText();
    await expect(tunnel.closeCode).resolves.toBeUndefined();
    await until(() => streaming.server.active === 0);
  });
});
