import type { EventListener, LifecycleEvent } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { createSilentLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { NODE } from "../translate/testing/inputs.ts";
import { Session } from "./session.ts";
import { asClient, lifecycle, settled, unavailable } from "./testing/small-lxd.ts";

function fixture(options: { failures?: number; slow?: boolean } = {}) {
  let failures = options.failures ?? 0;
  const clock = createManualClock();
  const syncs: PromiseWithResolvers<void>[] = [];
  const events: LifecycleEvent[] = [];
  const listeners: EventListener[] = [];
  let closed = false;
  const lxd = asClient({
    events: {
      subscribe: (listener: EventListener) => {
        listeners.push(listener);
        return { close: () => (closed = true) };
      },
    },
  });
  const session = new Session({
    lxd,
    clock,
    log: createSilentLogger(),
    readFacts: async () => NODE,
    synchronise: async () => {
      const sync = Promise.withResolvers<void>();
      syncs.push(sync);
      if (failures-- > 0) sync.reject(unavailable());
      else if (!options.slow) sync.resolve();
      await sync.promise;
    },
    onEvent: (event) => events.push(event),
  });
  session.open();
  const [listener] = listeners;
  return { session, clock, syncs, events, listener, isClosed: () => closed };
}

describe("the session with LXD", () => {
  it("is not ready before LXD was read", () => {
    const { session } = fixture();
    expect(session.problem).toBeDefined();
    expect(session.synchronised).toBe(false);
    expect(() => session.facts()).toThrow(expect.objectContaining({ code: "UNAVAILABLE" }));
  });

  it("is ready after the first reading of all of it", async () => {
    const { session, listener } = fixture();
    listener?.resync?.();
    await session.whenReady();
    expect(session.problem).toBeUndefined();
    expect(session.synchronised).toBe(true);
    expect(session.facts()).toBe(NODE);
  });

  it("passes on events", () => {
    const { listener, events } = fixture();
    const event = lifecycle("instance-started", "a");
    listener?.lifecycle?.(event);
    expect(events).toEqual([event]);
  });

  it("tries again each second until LXD can be read, and says why not", async () => {
    const { session, clock, syncs, listener } = fixture({ failures: 2 });
    listener?.resync?.();
    await settled();
    expect(session.problem).toContain("gone");
    clock.advance(999);
    expect(syncs).toHaveLength(1);
    clock.advance(1);
    await settled();
    clock.advance(1000);
    await session.whenReady();
    expect(syncs).toHaveLength(3);
    expect(session.problem).toBeUndefined();
  });

  it("reads everything again after each gap, once for several during a reading", async () => {
    const { session, syncs, listener } = fixture({ slow: true });
    listener?.resync?.();
    await settled();
    listener?.resync?.();
    listener?.resync?.();
    await settled();
    expect(syncs).toHaveLength(1);
    syncs[0]?.resolve();
    await settled();
    expect(syncs).toHaveLength(2);
    syncs[1]?.resolve();
    await session.whenReady();
    await settled();
    expect(syncs).toHaveLength(2);
  });

  it("does not wait for the retry when the connection comes back first", async () => {
    const { syncs, clock, session, listener } = fixture({ failures: 1 });
    listener?.resync?.();
    await settled();
    listener?.resync?.();
    await session.whenReady();
    expect(syncs).toHaveLength(2);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  it("tells of a lost connection, still knows LXD, and tells when it is back", async () => {
    const { session, listener } = fixture();
    listener?.resync?.();
    await session.whenReady();
    listener?.connection?.({ status: "disconnected", reason: new Error("EOF"), retryInMs: 1 });
    expect(session.problem).toContain("EOF");
    expect(session.synchronised).toBe(true);
    expect(session.facts()).toBe(NODE);
    listener?.connection?.({ status: "connecting" });
    expect(session.problem).toContain("EOF");
    listener?.resync?.();
    await settled();
    expect(session.problem).toBeUndefined();
  });

  it("stays lost when the connection broke during a reading", async () => {
    const { session, syncs, listener } = fixture({ slow: true });
    listener?.resync?.();
    await settled();
    listener?.connection?.({ status: "disconnected", reason: new Error("EOF"), retryInMs: 1 });
    syncs[0]?.resolve();
    await settled();
    expect(session.problem).toContain("EOF");
    listener?.resync?.();
    await settled();
    syncs[1]?.resolve();
    await settled();
    expect(session.problem).toBeUndefined();
  });

  it("stops for good when it is closed", async () => {
    const { session, syncs, clock, listener, isClosed } = fixture({ failures: 1 });
    listener?.resync?.();
    await settled();
    await session.close();
    clock.advance(10_000);
    listener?.resync?.();
    await settled();
    expect(syncs).toHaveLength(1);
    expect(isClosed()).toBe(true);
  });
});
