import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { joinPortForward } from "./join-port-forward.ts";
import type { PortForwardPair, PortForwardSession } from "./session.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { SpdyTestClient, type SpdyTestStream } from "./testing/spdy-client.ts";
import { type StartedStreaming, startStreaming } from "./testing/start-streaming.ts";
import { until } from "./testing/until.ts";

const protocols = ["portforward.k8s.io"];

/** Answers with the port and what it was sent, then ends. */
async function answer(pair: PortForwardPair): Promise<void> {
  const asked = await text(pair.data);
  pair.data.write(`${pair.port}: ${asked}`);
  await pair.finish();
}

async function forEachPair(
  session: PortForwardSession,
  handle: (pair: PortForwardPair) => Promise<void>,
): Promise<void> {
  const running: Promise<void>[] = [];
  for await (const pair of session) running.push(handle(pair));
  await Promise.all(running);
}

async function openPair(
  client: SpdyTestClient,
  port: number,
  requestid: number,
): Promise<{ error: SpdyTestStream; data: SpdyTestStream }> {
  const headers = { port: String(port), requestid: String(requestid) };
  const error = await client.open({ streamtype: "error", ...headers });
  await error.end();
  return { error, data: await client.open({ streamtype: "data", ...headers }) };
}

async function startAnswering(): Promise<StartedStreaming> {
  return startStreaming({ portForward: (_, session) => forEachPair(session, answer) });
}

describe("a port-forward over SPDY", () => {
  it("answers with its protocol, and refuses others", async () => {
    await using streaming = await startAnswering();
    const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
    expect(client.protocol).toBe("portforward.k8s.io");
    client.socket.destroy();
    await expect(SpdyTestClient.connect(streaming.url("portforward"), ["v4.channel.k8s.io"])).rejects.toThrow("403");
  });

  it("carries many connections at once, and ends both streams of each", async () => {
    await using streaming = await startAnswering();
    const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
    const all = Array.from({ length: 200 }, async (_, index) => {
      const { error, data } = await openPair(client, 1000 + index, index);
      await data.write(`hello ${index}`, true);
      expect(await data.text()).toBe(`${1000 + index}: hello ${index}`);
      expect(await error.text()).toBe("");
    });
    await Promise.all(all);
    expect(streaming.server.active).toBe(1);
    client.socket.destroy();
    await until(() => streaming.server.active === 0);
  });

  it("pairs streams without request ids by their numbers", async () => {
    await using streaming = await startAnswering();
    const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
    const error = await client.open({ streamtype: "error", port: "80" });
    const data = await client.open({ streamtype: "data", port: "80" });
    await data.write("x", true);
    await expect(data.text()).resolves.toBe("80: x");
    await expect(error.text()).resolves.toBe("");
  });

  it.each([
    {},
    { streamtype: "data" },
    { streamtype: "data", port: "0" },
    { streamtype: "data", port: "65536" },
    { streamtype: "data", port: "80x" },
    { streamtype: "data", port: "-1" },
    { streamtype: "stdin", port: "80" },
  ])("refuses a stream with %j, and goes on", async (headers) => {
    await using streaming = await startAnswering();
    const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
    const refused = client.start(headers);
    await expect(refused.ended).resolves.toBe("reset");
    expect(refused.resetStatus).toBe(5);
    const { data } = await openPair(client, 1, 1);
    await data.write("still", true);
    await expect(data.text()).resolves.toBe("1: still");
  });

  it("tells a failure on the error stream, resets the data, and goes on", async () => {
    await using streaming = await startStreaming({
      portForward: (_, session) =>
        forEachPair(session, (pair) => (pair.port === 1 ? pair.finish(new Error("connection refused")) : answer(pair))),
    });
    const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
    const failing = await openPair(client, 1, 1);
    await expect(failing.error.text()).resolves.toBe("connection refused");
    await expect(failing.data.ended).resolves.toBe("reset");
    const working = await openPair(client, 2, 2);
    await working.data.write("ok", true);
    await expect(working.data.text()).resolves.toBe("2: ok");
  });

  it("tells of a second stream of the same kind, and of one that stays alone for 30 s", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming(
      { portForward: (_, session) => forEachPair(session, answer) },
      { clock },
    );
    const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
    const first = await client.open({ streamtype: "error", port: "1", requestid: "7" });
    const second = await client.open({ streamtype: "error", port: "1", requestid: "7" });
    await expect(second.text()).resolves.toBe("error stream exists already for request 7");
    const data = await client.open({ streamtype: "data", port: "1", requestid: "8" });
    clock.advance(30_000);
    await expect(first.text()).resolves.toBe("timed out waiting for streams");
    await expect(data.ended).resolves.toBe("reset");
  });

  it("forgets half a pair that the client resets", async () => {
    const clock = new ManualClock();
    await using streaming = await startStreaming(
      { portForward: (_, session) => forEachPair(session, answer) },
      { clock },
    );
    const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
    const idle = clock.pending;
    const error = await client.open({ streamtype: "error", port: "1", requestid: "7" });
    expect(clock.pending).toBe(idle + 1);
    await error.reset();
    await until(() => clock.pending === idle);
  });

  it("closes the connection when its handler returns", async () => {
    await using streaming = await startStreaming({ portForward: () => Promise.reject(new Error("no such pod")) });
    const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
    await client.closed;
    await until(() => streaming.server.active === 0);
    expect(streaming.logged).toMatchObject([{ fields: { err: { message: "no such pod" } } }]);
  });
});

interface Joined extends AsyncDisposable {
  client: SpdyTestClient;
  clock: ManualClock;
  port: number;
  /** Pairs that are over. */
  done: number[];
}

async function startJoined(serve: (socket: Socket) => void): Promise<Joined> {
  const backend = createServer({ allowHalfOpen: true }, serve).listen(0, "127.0.0.1");
  await once(backend, "listening");
  const { port } = backend.address() as AddressInfo;
  const clock = new ManualClock();
  const done: number[] = [];
  const streaming = await startStreaming({
    portForward: (_, session) =>
      forEachPair(session, async (pair) => {
        const socket = connect({ port: pair.port, host: "127.0.0.1", allowHalfOpen: true });
        await once(socket, "connect");
        await joinPortForward(pair, socket, { clock });
        done.push(pair.port);
      }),
  });
  const client = await SpdyTestClient.connect(streaming.url("portforward"), protocols);
  const dispose = async () => {
    await streaming[Symbol.asyncDispose]();
    backend.close();
  };
  return { client, clock, port, done, [Symbol.asyncDispose]: dispose };
}

describe("a joined port-forward", () => {
  it("copies both ways and passes on the ends of both", async () => {
    await using joined = await startJoined((socket) => {
      void text(socket).then((asked) => socket.end(`answer to ${asked}`));
    });
    const { data, error } = await openPair(joined.client, joined.port, 0);
    await data.write("question", true);
    await expect(data.text()).resolves.toBe("answer to question");
    await expect(error.text()).resolves.toBe("");
    await until(() => joined.done.length === 1);
    expect(joined.clock.pending).toBe(0);
  });

  it("is over when the backend has ended and the client says nothing more", async () => {
    await using joined = await startJoined((socket) => socket.end("bye"));
    const { data, error } = await openPair(joined.client, joined.port, 0);
    await expect(data.text()).resolves.toBe("bye");
    await until(() => joined.clock.pending === 1);
    joined.clock.advance(10_000);
    await expect(error.ended).resolves.toBe("fin");
    await until(() => joined.done.length === 1);
  });

  it("is over at once when the client resets it or the backend breaks", async () => {
    const sockets: Socket[] = [];
    await using joined = await startJoined((socket) => {
      socket.on("error", () => {});
      sockets.push(socket);
    });
    const first = await openPair(joined.client, joined.port, 0);
    const second = await openPair(joined.client, joined.port, 1);
    await until(() => sockets.length === 2);
    await first.data.reset();
    await until(() => joined.done.length === 1);
    for (const socket of sockets) socket.resetAndDestroy();
    await until(() => joined.done.length === 2);
    await expect(second.error.text()).resolves.toBe("");
  });

  it("waits for a backend that is quiet before its answer is complete, while anything moves", async () => {
    const sockets: Socket[] = [];
    await using joined = await startJoined((socket) => void sockets.push(socket));
    const { data } = await openPair(joined.client, joined.port, 0);
    await data.end();
    await until(() => joined.clock.pending === 1);
    for (let part = 1; part <= 5; part++) {
      sockets[0]?.write("part ");
      await until(() => data.textSoFar.length === 5 * part);
      joined.clock.advance(10_000);
    }
    sockets[0]?.end("end");
    await expect(data.text()).resolves.toBe("part part part part part end");
  });

  it("moves bytes under backpressure without loss", async () => {
    await using joined = await startJoined((socket) => void pipeline(socket, socket));
    const { data } = await openPair(joined.client, joined.port, 0);
    let received = 0;
    data.onPiece((piece) => {
      received += piece.length;
    });
    const chunk = Buffer.alloc(1024 * 1024);
    for (let count = 0; count < 20; count++) await data.write(chunk);
    await data.end();
    await data.ended;
    expect(received).toBe(20 * chunk.length);
  });
});
