import { type Duplex, duplexPair } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzRuns } from "../testing/fuzz-runs.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { SpdyConnection } from "./connection.ts";
import { controlFrame, dataFrameHeader } from "./frame-writer.ts";
import { type Frame, rstStatus } from "./frame.ts";
import { FrameParser } from "./frame-parser.ts";
import { HeaderEncoder } from "./header-codec.ts";
import type { SpdyStream } from "./spdy-stream.ts";

/** What a client may do, in any order, on few streams so that it often does what it must not. */
type Act =
  | { act: "open"; id: number; fin: boolean; unidirectional: boolean }
  | { act: "data"; id: number; bytes: number; fin: boolean }
  | { act: "reset"; id: number }
  | { act: "ping"; id: number }
  | { act: "goaway" }
  | { act: "garbage"; bytes: Uint8Array }
  /** What this side does with one of the streams that it was given. */
  | { act: "read" | "end" | "write" | "destroy"; pick: number };

const id = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(1, 3, 5, 7, 9) }, { weight: 1, arbitrary: fc.nat(20) });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      act: fc.constant("open" as const),
      id: id.filter((value) => value > 0),
      fin: fc.boolean(),
      unidirectional: fc.constantFrom(false, false, false, false, true),
    }),
  },
  {
    weight: 50,
    arbitrary: fc.record({ act: fc.constant("data" as const), id, bytes: fc.nat(3000), fin: fc.boolean() }),
  },
  { weight: 15, arbitrary: fc.record({ act: fc.constant("reset" as const), id }) },
  { weight: 10, arbitrary: fc.record({ act: fc.constant("ping" as const), id }) },
  { weight: 2, arbitrary: fc.constant({ act: "goaway" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("garbage" as const), bytes: fc.uint8Array({ maxLength: 30 }) }),
  },
  {
    weight: 80,
    arbitrary: fc.record({
      act: fc.constantFrom("read" as const, "end" as const, "write" as const, "destroy" as const),
      pick: fc.nat(8),
    }),
  },
);

/** Plays all of it against a connection, then closes; gives what the client got. */
async function play(acts: readonly Act[]): Promise<{ frames: Frame[]; timers: number; open: number }> {
  const [near, far] = duplexPair();
  const clock = new ManualClock();
  const streams = new Map<number, SpdyStream>();
  const onStream = (stream: SpdyStream) => void streams.set(stream.id, stream);
  const connection = new SpdyConnection(near, { clock, idleTimeoutMs: 1000, streamsMax: 3, onStream });
  const frames: Frame[] = [];
  const parser = new FrameParser();
  far.on("data", (chunk: Buffer) => parser.push(chunk, (frame) => frames.push(frame)));
  far.on("error", () => {});
  far.on("end", () => far.end());
  connection.start(Buffer.alloc(0));
  const encoder = new HeaderEncoder();
  for (const step of acts) {
    perform(step, far, encoder, streams);
    await nextTurn();
  }
  await connection.close();
  await nextTurn();
  const open = [...streams.values()].filter(
    (stream) => !stream.destroyed && !stream.readableEnded && stream.readableFlowing,
  );
  return { frames, timers: clock.pending, open: open.length };
}

function perform(step: Act, far: Duplex, encoder: HeaderEncoder, streams: ReadonlyMap<number, SpdyStream>): void {
  switch (step.act) {
    case "open": {
      const headerBlock = encoder.encode(new Map([["streamtype", "any"]]));
      const { id: streamId, fin, unidirectional } = step;
      far.write(controlFrame({ type: "syn-stream", streamId, fin, unidirectional, headerBlock }));
      break;
    }
    case "data":
      far.write(Buffer.concat([dataFrameHeader(step.id, step.bytes, step.fin), Buffer.alloc(step.bytes)]));
      break;
    case "reset":
      far.write(controlFrame({ type: "rst-stream", streamId: step.id, status: 5 }));
      break;
    case "ping":
      far.write(controlFrame({ type: "ping", id: step.id }));
      break;
    case "goaway":
      far.write(controlFrame({ type: "goaway", lastStreamId: 0, status: 0 }));
      break;
    case "garbage":
      far.write(Buffer.from(step.bytes));
      break;
    default:
      use(step.act, [...streams.values()].at(step.pick % Math.max(1, streams.size)));
  }
}

function use(what: "read" | "end" | "write" | "destroy", stream: SpdyStream | undefined): void {
  if (what === "read") stream?.resume();
  else if (what === "end") stream?.end();
  else if (what === "destroy") stream?.destroy();
  else if (stream?.writable === true) stream.write(Buffer.alloc(100));
}

/** The rules of the wire that the server must keep whatever the client does. */
function brokenRules(frames: readonly Frame[]): string[] {
  const broken: string[] = [];
  const replied = new Set<number>();
  const over = new Set<number>();
  let last = false;
  for (const frame of frames) {
    if (last) broken.push(`${frame.type} behind the good-bye`);
    if (frame.type === "goaway") last = true;
    if (!("streamId" in frame)) continue;
    if (frame.type === "syn-reply") {
      if (replied.has(frame.streamId)) broken.push(`a second reply on ${frame.streamId}`);
      replied.add(frame.streamId);
    }
    if (frame.type === "data" && !replied.has(frame.streamId))
      broken.push(`data before the reply on ${frame.streamId}`);
    if (frame.type === "data" && over.has(frame.streamId)) broken.push(`data behind the end of ${frame.streamId}`);
    // A refusal of a number that was used before is another matter.
    if (frame.type === "rst-stream" && frame.status === rstStatus.cancel && over.has(frame.streamId))
      broken.push(`a reset behind the end of ${frame.streamId}`);
    if (frame.type === "data" && frame.fin) over.add(frame.streamId);
  }
  return broken;
}

describe("a connection, whatever its client and its user do", () => {
  it("keeps the rules of the wire, and leaves nothing when it is closed", async () => {
    const run = await fc.check(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const { frames, timers, open } = await play(acts);
        const broken = brokenRules(frames);
        if (broken.length > 0 || timers + open > 0) throw new Error(JSON.stringify({ broken, timers, open }));
      }),
      { numRuns: fuzzRuns(10_000) },
    );
    expect(await fc.asyncDefaultReportMessage(run)).toBeUndefined();
  }, 120_000);
});
