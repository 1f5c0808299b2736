import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChannelLink, ChannelStream } from "./channel-stream.ts";
import { Intake } from "./intake.ts";
import { connectionBufferBytesMax, pieceOverheadBytes, streamBufferBytesMax } from "./limits.ts";
import { until } from "./testing/until.ts";

interface Source {
  intake: Intake;
  log: string[];
}

function source(): Source {
  const log: string[] = [];
  const intake = new Intake({ pause: () => log.push("pause"), resume: () => log.push("resume") });
  return { intake, log };
}

function link(overrides: Partial<ChannelLink> = {}): ChannelLink {
  return { send: (_, sent) => sent(), finish: (sent) => sent(), abandon() {}, ...overrides };
}

describe("what a stream holds", () => {
  it("is read in order, whole, and accounted for to the last byte", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), fc.nat(10), async (pieces, early) => {
        const { intake } = source();
        const stream = new ChannelStream(link(), intake);
        for (const piece of pieces.slice(0, early)) stream.deliver(Buffer.from(piece));
        const read = stream.toArray();
        for (const piece of pieces.slice(early)) stream.deliver(Buffer.from(piece));
        stream.deliverEnd();
        expect(Buffer.concat((await read) as Buffer[])).toEqual(Buffer.concat(pieces));
        expect(intake.heldBytes).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("stops the source above the bound, and lets it go on well below", async () => {
    const { intake, log } = source();
    const stream = new ChannelStream(link(), intake);
    const piece = Buffer.alloc(64 * 1024);
    while (!intake.stalled) stream.deliver(piece);
    expect(intake.heldBytes).toBeLessThan(streamBufferBytesMax + piece.length + pieceOverheadBytes + 1);
    expect(log).toEqual(["pause"]);
    stream.read();
    expect(log).toEqual(["pause"]);
    stream.resume();
    await until(() => intake.heldBytes === 0);
    expect(log).toEqual(["pause", "resume"]);
  });

  it("stops the source when many streams together hold much", () => {
    const { intake, log } = source();
    const streams = Array.from({ length: 100 }, () => new ChannelStream(link(), intake));
    const piece = Buffer.alloc(streamBufferBytesMax / 2);
    for (const stream of streams) if (!intake.stalled) stream.deliver(piece);
    expect(intake.heldBytes).toBeLessThan(connectionBufferBytesMax + piece.length + pieceOverheadBytes + 1);
    for (const stream of streams) stream.destroy();
    expect(intake.heldBytes).toBe(0);
    expect(log).toEqual(["pause", "resume"]);
  });

  it("counts empty and small pieces, and keeps no large read alive for a small piece", () => {
    const { intake } = source();
    const stream = new ChannelStream(link(), intake);
    const large = Buffer.alloc(64 * 1024);
    for (let count = 0; count < 1_000_000 && !intake.stalled; count++)
      stream.deliver(large.subarray(count % 100, (count % 100) + 1));
    expect(intake.stalled).toBe(true);
    expect((stream.read() as Buffer | null)?.buffer.byteLength).toBe(1);
  });

  it("is dropped once nobody reads, and the end is seen", async () => {
    const { intake } = source();
    const stream = new ChannelStream(link(), intake);
    stream.deliver(Buffer.from("held"));
    stream.discard();
    stream.deliver(Buffer.from("dropped"));
    expect(intake.heldBytes).toBe(0);
    stream.deliverEnd();
    await until(() => stream.readableEnded);
  });
});

describe("a stream that loses its peer", () => {
  it("fails the write that waits, and those after it, without an error that nobody hears", async () => {
    const stream = new ChannelStream(link({ send() {} }), source().intake);
    const waiting = new Promise((resolve) => stream.write("a", resolve));
    stream.lose();
    await expect(waiting).resolves.toMatchObject({ code: "CLIENT_GONE" });
    await until(() => stream.closed);
    await expect(new Promise((resolve) => stream.write("b", resolve))).resolves.toBeInstanceOf(Error);
  });

  it("still gives what had arrived, then closes", async () => {
    const stream = new ChannelStream(link(), source().intake);
    stream.deliver(Buffer.from("early"));
    stream.lose();
    await expect(stream.toArray()).resolves.toEqual([Buffer.from("early")]);
    await until(() => stream.closed);
  });

  it("is abandoned once when destroyed", async () => {
    let abandoned = 0;
    const stream = new ChannelStream(link({ abandon: () => abandoned++ }), source().intake);
    stream.destroy();
    stream.destroy();
    stream.lose();
    await until(() => stream.closed);
    expect(abandoned).toBe(1);
  });
});
