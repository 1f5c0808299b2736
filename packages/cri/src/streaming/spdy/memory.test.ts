/**
 * What a connection holds of a client that means harm: measured, in the heap and beside it, while the client sends as much as it
 * can. Nobody reads the streams, and the client reads no answers.
 */
import { duplexPair, type Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { connectionBufferBytesMax, controlFrameBytesMax, headerBlockBytesMax } from "../limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { SpdyConnection } from "./connection.ts";
import { controlFrame, dataFrameHeader } from "./frame-writer.ts";
import { HeaderEncoder } from "./header-codec.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const STREAMS_MAX = 16;
/** Far more than may be held. */
const SENT_BYTES_MAX = 128 * 1024 * 1024;
/** What streams may hold, and twice that for what V8 and the stand-in of the network, which buffers without being read, take beside it. */
const HELD_BYTES_MAX = 3 * connectionBufferBytesMax;
const SENDS_MAX = 6000;
const SAMPLES = 4;

/** What is to be sent next, for ever; what it makes stays out of the measure. */
type Hostile = (encoder: HeaderEncoder) => Generator<Buffer>;

const open = (encoder: HeaderEncoder, streamId: number, headers = new Map([["streamtype", "data"]])): Buffer => {
  const headerBlock = encoder.encode(headers);
  return controlFrame({ type: "syn-stream", streamId, fin: false, unidirectional: false, headerBlock });
};

const hostile: Record<string, Hostile> = {
  *"data that nobody reads, in large frames"(encoder) {
    yield open(encoder, 1);
    const frame = Buffer.concat([dataFrameHeader(1, 65536, false), Buffer.alloc(65536)]);
    while (true) yield frame;
  },
  *"data that nobody reads, a byte in each frame, on many streams"(encoder) {
    for (let id = 1; id < 2 * STREAMS_MAX; id += 2) yield open(encoder, id);
    const frames = Array.from({ length: 4096 }, (_, index) =>
      Buffer.concat([dataFrameHeader(2 * (index % STREAMS_MAX) + 1, 1, false), Buffer.alloc(1)]),
    );
    while (true) yield Buffer.concat(frames);
  },
  *"streams that are opened and reset"(encoder) {
    for (let id = 1; ; id += 2) {
      yield Buffer.concat([open(encoder, id), controlFrame({ type: "rst-stream", streamId: id, status: 5 })]);
    }
  },
  *"streams beyond the bound"(encoder) {
    for (let id = 1; ; id += 2) yield open(encoder, id);
  },
  *"headers that become large when they are decompressed"(encoder) {
    const value = "0".repeat(headerBlockBytesMax / 4);
    for (let id = 1; ; id += 2) yield open(encoder, id, new Map([["streamtype", value]]));
  },
  *"pings whose answers are not taken"() {
    const ping = controlFrame({ type: "ping", id: 1 });
    const pings = Buffer.concat(Array.from({ length: 1024 }, () => ping));
    while (true) yield pings;
  },
  *"a large control frame, a byte at a time"() {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(0x80030004, 0);
    header.writeUIntBE(controlFrameBytesMax, 5, 3);
    yield header;
    while (true) yield Buffer.alloc(1);
  },
  *"data for streams that are not there"() {
    const frame = Buffer.concat([dataFrameHeader(999, 16384, false), Buffer.alloc(16384)]);
    while (true) yield frame;
  },
};

/** Resolves to whether the connection has read it. */
async function isTaken(far: Duplex, bytes: Buffer): Promise<boolean> {
  const state = { taken: false };
  far.write(bytes, () => {
    state.taken = true;
  });
  for (let turns = 0; !state.taken && turns < 100; turns++) await nextTurn();
  return state.taken && !far.destroyed;
}

/** Some memory beside the heap is given back a turn after its owner was collected. */
async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The most that was held more than before, while the client sent until it could send no more, or enough. */
async function growthUnder(send: Hostile): Promise<number> {
  const [near, far] = duplexPair();
  far.on("error", () => {});
  const connection = new SpdyConnection(near, {
    clock: new ManualClock(),
    idleTimeoutMs: 1000,
    streamsMax: STREAMS_MAX,
    onStream: () => {},
  });
  connection.start(Buffer.alloc(0));
  const chunks = send(new HeaderEncoder());
  let next = chunks.next().value as Buffer;
  const before = await heldBytes();
  let growth = 0;
  let sent = 0;
  for (let sends = 0; sent < SENT_BYTES_MAX && sends < SENDS_MAX; sends++) {
    if (!(await isTaken(far, next))) break;
    sent += next.length;
    next = chunks.next().value as Buffer;
    // the first often, as there is not much to come where the connection stops reading soon
    if (sends < SAMPLES || sends % 4096 === 0) growth = Math.max(growth, (await heldBytes()) - before);
  }
  growth = Math.max(growth, (await heldBytes()) - before);
  connection.destroy(new Error("enough"));
  return growth;
}

describe("a connection whose client means harm holds a bounded amount of", () => {
  it.each(Object.entries(hostile))("%s", { timeout: 240_000 }, async (_, send) => {
    expect(await growthUnder(send)).toBeLessThan(HELD_BYTES_MAX);
  });
});
