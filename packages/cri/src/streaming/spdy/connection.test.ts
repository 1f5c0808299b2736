import { type Duplex, duplexPair } from "node:stream";
import { describe, expect, it } from "vitest";
import { repliesUnsentMax } from "../limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { until } from "../testing/until.ts";
import { SpdyConnection, type SpdyConnectionOptions } from "./connection.ts";
import { controlFrame, dataFrameHeader } from "./frame-writer.ts";
import { type Frame, SpdyProtocolError } from "./frame.ts";
import { FrameParser } from "./frame-parser.ts";
import { HeaderEncoder } from "./header-codec.ts";
import type { SpdyStream } from "./spdy-stream.ts";

interface Peer {
  connection: SpdyConnection;
  streams: SpdyStream[];
  frames: Frame[];
  far: Duplex;
  clock: ManualClock;
  synStream(id: number, flags?: { fin?: boolean; unidirectional?: boolean }): void;
  data(id: number, text: string, fin?: boolean): void;
}

function connect(options: Partial<SpdyConnectionOptions> = {}): Peer {
  const [near, far] = duplexPair();
  const streams: SpdyStream[] = [];
  const frames: Frame[] = [];
  const clock = new ManualClock();
  const connection = new SpdyConnection(near, {
    clock,
    idleTimeoutMs: 1000,
    streamsMax: 4,
    onStream: (stream) => streams.push(stream),
    ...options,
  });
  const parser = new FrameParser();
  far.on("data", (chunk: Buffer) => parser.push(chunk, (frame) => frames.push(frame)));
  far.on("error", () => {});
  connection.start(Buffer.alloc(0));
  const encoder = new HeaderEncoder();
  return {
    connection,
    streams,
    frames,
    far,
    clock,
    synStream: (streamId, { fin = false, unidirectional = false } = {}) => {
      const headerBlock = encoder.encode(new Map([["streamtype", "any"]]));
      far.write(controlFrame({ type: "syn-stream", streamId, fin, unidirectional, headerBlock }));
    },
    data: (streamId, text, fin = false) => {
      far.write(Buffer.concat([dataFrameHeader(streamId, text.length, fin), Buffer.from(text)]));
    },
  };
}

describe("a stream", () => {
  it("is replied to before its data, and its two sides end by themselves", async () => {
    const peer = connect();
    peer.synStream(1);
    peer.data(1, "in", true);
    await until(() => peer.streams.length === 1);
    const [stream] = peer.streams;
    if (stream === undefined) throw new Error("no stream");
    stream.end("out");
    await expect(stream.toArray()).resolves.toEqual([Buffer.from("in")]);
    await until(() => peer.frames.length >= 3);
    expect(peer.frames).toMatchObject([
      { type: "syn-reply", streamId: 1 },
      { type: "data", streamId: 1, fin: false, piece: Buffer.from("out") },
      { type: "data", streamId: 1, fin: true },
    ]);
    await until(() => stream.closed);
    void peer.connection.close();
    await until(() => peer.frames.length >= 4);
    expect(peer.frames.at(-1)).toEqual({ type: "goaway", lastStreamId: 1, status: 0 });
  });

  it("that is ended in its first frame has no input", async () => {
    const peer = connect();
    peer.synStream(1, { fin: true });
    await until(() => peer.streams.length === 1);
    await expect(peer.streams[0]?.toArray()).resolves.toEqual([]);
  });

  it("that the peer resets ends after what came before, and can no longer be written", async () => {
    const peer = connect();
    peer.synStream(1);
    peer.data(1, "before");
    peer.far.write(controlFrame({ type: "rst-stream", streamId: 1, status: 5 }));
    await until(() => peer.streams.length === 1);
    const [stream] = peer.streams;
    await expect(stream?.toArray()).resolves.toEqual([Buffer.from("before")]);
    await expect(new Promise((resolve) => stream?.write("late", resolve))).resolves.toBeInstanceOf(Error);
    expect(peer.connection.signal.aborted).toBe(false);
  });

  it("that is destroyed is reset, once", async () => {
    const peer = connect();
    peer.synStream(1);
    await until(() => peer.streams.length === 1);
    peer.streams[0]?.destroy();
    peer.data(1, "too late");
    peer.far.write(controlFrame({ type: "ping", id: 1 }));
    await until(() => peer.frames.some((frame) => frame.type === "ping"));
    expect(peer.frames).toMatchObject([
      { type: "syn-reply" },
      { type: "rst-stream", streamId: 1, status: 5 },
      { type: "ping" },
    ]);
  });

  it("drops data behind the peer's own end", async () => {
    const peer = connect();
    peer.synStream(1);
    peer.data(1, "all", true);
    peer.data(1, "more");
    await until(() => peer.streams.length === 1);
    await expect(peer.streams[0]?.toArray()).resolves.toEqual([Buffer.from("all")]);
  });

  it.each([
    ["an even number", 2, {}, 1],
    ["a number used before", 1, {}, 1],
    ["one direction only", 3, { unidirectional: true }, 1],
  ] as const)("with %s is refused", async (_, id, flags, status) => {
    const peer = connect();
    peer.synStream(1);
    peer.synStream(id, flags);
    await until(() => peer.frames.length === 2);
    expect(peer.frames[1]).toEqual({ type: "rst-stream", streamId: id, status });
    expect(peer.streams).toHaveLength(1);
  });

  it("beyond the bound is refused, until another one has gone", async () => {
    const peer = connect({ streamsMax: 2 });
    for (const id of [1, 3, 5]) peer.synStream(id);
    await until(() => peer.frames.length === 3);
    expect(peer.frames[2]).toEqual({ type: "rst-stream", streamId: 5, status: 3 });
    peer.streams[0]?.destroy();
    peer.synStream(7);
    await until(() => peer.streams.length === 3);
  });

  it.each(["ours", "theirs"])("that has ended on both sides, %s first, leaves its place to another", async (first) => {
    const peer = connect({ streamsMax: 1 });
    for (let id = 1; id < 10; id += 2) {
      peer.synStream(id);
      await until(() => peer.streams.length === (id + 1) / 2);
      const stream = peer.streams.at(-1);
      stream?.resume();
      if (first === "ours") stream?.end();
      else peer.data(id, "", true);
      await until(() => stream?.writableFinished === true || stream?.readableEnded === true);
      if (first === "ours") peer.data(id, "", true);
      else stream?.end();
      await until(() => stream?.closed === true);
    }
    expect(peer.frames.some((frame) => frame.type === "rst-stream")).toBe(false);
  });

  it("after the peer's good-bye is refused, while others go on", async () => {
    const peer = connect();
    peer.synStream(1);
    peer.far.write(controlFrame({ type: "goaway", lastStreamId: 0, status: 0 }));
    peer.synStream(3);
    peer.data(1, "still here", true);
    await until(() => peer.frames.length === 2);
    expect(peer.frames[1]).toEqual({ type: "rst-stream", streamId: 3, status: 3 });
    await expect(peer.streams[0]?.toArray()).resolves.toEqual([Buffer.from("still here")]);
  });
});

describe("a connection", () => {
  it("refuses data for streams that never were, and says nothing to late data", async () => {
    const peer = connect();
    peer.data(7, "for nobody");
    await until(() => peer.frames.length === 1);
    expect(peer.frames).toEqual([{ type: "rst-stream", streamId: 7, status: 2 }]);
  });

  it("echoes the peer's pings, takes answers to its own, and ignores settings, windows, replies and headers", async () => {
    const peer = connect();
    const { far } = peer;
    const encoder = new HeaderEncoder();
    far.write(controlFrame({ type: "settings", entries: [{ flags: 0, id: 4, value: 100 }] }));
    far.write(controlFrame({ type: "window-update", streamId: 0, delta: 1 }));
    far.write(
      controlFrame({ type: "syn-reply", streamId: 2, fin: false, headerBlock: encoder.encode(new Map([["a", "b"]])) }),
    );
    far.write(
      controlFrame({ type: "headers", streamId: 1, fin: false, headerBlock: encoder.encode(new Map([["a", "b"]])) }),
    );
    far.write(controlFrame({ type: "ping", id: 2 }));
    far.write(controlFrame({ type: "ping", id: 0xffffffff }));
    await until(() => peer.frames.length > 0);
    expect(peer.frames).toEqual([{ type: "ping", id: 0xffffffff }]);
  });

  it("ends over what a peer must not send, and takes all streams with it", async () => {
    const peer = connect();
    peer.synStream(1);
    await until(() => peer.streams.length === 1);
    peer.far.write(Buffer.from([0x80, 3, 0, 99, 0, 0, 0, 0]));
    await peer.connection.closed;
    expect(peer.connection.signal.reason).toBeInstanceOf(SpdyProtocolError);
    await expect(peer.streams[0]?.toArray()).resolves.toEqual([]);
  });

  it("sends nothing before it was sent something", async () => {
    const peer = connect();
    peer.clock.advance(999);
    expect(peer.frames).toEqual([]);
    peer.clock.advance(1);
    await peer.connection.closed;
    expect(peer.connection.signal.reason).toMatchObject({ message: "nothing moved for too long" });
    expect(peer.clock.pending).toBe(0);
  });

  it("when it closes resets what is unfinished, then says good-bye, and is no loss", async () => {
    const peer = connect();
    peer.synStream(1);
    peer.synStream(3);
    await until(() => peer.streams.length === 2);
    peer.streams[0]?.end();
    await until(() => peer.frames.length === 3);
    const closed = peer.connection.close();
    await until(() => peer.frames.length === 5);
    expect(peer.frames.slice(3)).toEqual([
      { type: "rst-stream", streamId: 3, status: 5 },
      { type: "goaway", lastStreamId: 3, status: 0 },
    ]);
    peer.far.end();
    await closed;
    expect(peer.connection.signal.aborted).toBe(false);
    expect(peer.clock.pending).toBe(0);
  });

  it("does not wait for ever for the peer to close", async () => {
    const peer = connect();
    const closed = peer.connection.close();
    await until(() => peer.clock.pending === 2);
    peer.clock.advance(5_000);
    await closed;
    expect(peer.frames).toMatchObject([{ type: "goaway" }]);
  });

  it("stops reading a peer that does not take its answers", async () => {
    const peer = connect();
    peer.far.pause();
    const ping = controlFrame({ type: "ping", id: 1 });
    const flood = Buffer.concat(Array.from({ length: repliesUnsentMax }, () => ping));
    let stuck = 0;
    for (let count = 0; count < 100; count++) {
      stuck++;
      peer.far.write(flood, () => {
        stuck--;
      });
    }
    await until(() => peer.clock.pending === 2);
    expect(stuck).toBeGreaterThan(50);
    peer.far.resume();
    await until(() => stuck === 0 && peer.frames.length === 100 * repliesUnsentMax);
  });
});
