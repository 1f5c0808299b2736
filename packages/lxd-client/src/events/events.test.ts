import { expect, test } from "vitest";
import { createLxdClient } from "../client.ts";
import type { ConnectionState } from "../api/events.ts";
import { scriptedServer } from "../testing/scripted-server.ts";

function recorder() {
  const states: string[] = [];
  const actions: string[] = [];
  const seen = { resyncs: 0, reasons: [] as Error[] };
  return {
    states,
    actions,
    seen,
    connection(state: ConnectionState) {
      states.push(state.status);
      if (state.status === "disconnected") seen.reasons.push(state.reason);
    },
    lifecycle: (event: { metadata: { action: string } }) => actions.push(event.metadata.action),
    resync: () => seen.resyncs++,
  };
}

test("a lost connection comes back, says why it was lost, and asks to list again", async () => {
  await using lxd = await scriptedServer(() => undefined);
  await using client = lxd.client();
  const listener = recorder();
  client.events.subscribe(listener);
  await expect.poll(() => listener.seen.resyncs).toBe(1);
  lxd.eventSockets[0]?.terminate();
  await expect.poll(() => listener.seen.resyncs).toBe(2);
  lxd.sendLifecycle("instance-started", "/1.0/instances/x");
  await expect.poll(() => listener.actions).toEqual(["instance-started"]);
  expect(listener.states).toEqual(["connecting", "connected", "disconnected", "connecting", "connected"]);
  expect(listener.seen.reasons[0]).toMatchObject({ code: "unavailable" });
});

test("a server that is not there yet is waited for", async () => {
  await using lxd = await scriptedServer(() => undefined);
  await lxd.stop();
  await using client = lxd.client();
  const listener = recorder();
  client.events.subscribe(listener);
  await expect.poll(() => listener.seen.reasons.length).toBeGreaterThan(2);
  expect(listener.seen.resyncs).toBe(0);
  await lxd.start();
  await expect.poll(() => listener.seen.resyncs).toBe(1);
});

test.each(["not json", "[]", '{"type":"lifecycle"}'])(
  "a message that is no event (%s) counts as a gap",
  async (message) => {
    await using lxd = await scriptedServer(() => undefined);
    await using client = lxd.client();
    const listener = recorder();
    client.events.subscribe(listener);
    await expect.poll(() => listener.seen.resyncs).toBe(1);
    lxd.eventSockets[0]?.send(message);
    await expect.poll(() => listener.seen.resyncs).toBe(2);
    expect(listener.seen.reasons[0]).toMatchObject({ code: "protocol" });
  },
);

test("a message in fragments is one event", async () => {
  await using lxd = await scriptedServer(() => undefined);
  await using client = lxd.client();
  const listener = recorder();
  client.events.subscribe(listener);
  await expect.poll(() => listener.seen.resyncs).toBe(1);
  const event = JSON.stringify({
    type: "lifecycle",
    timestamp: "",
    metadata: { action: "x".repeat(30_000), source: "" },
  });
  lxd.eventSockets[0]?.send(event.slice(0, 4096), { fin: false });
  lxd.eventSockets[0]?.send(event.slice(4096), { fin: false });
  lxd.eventSockets[0]?.send("", { fin: true });
  await expect.poll(() => listener.actions).toEqual(["x".repeat(30_000)]);
});

test("a server that does not even answer a ping is taken for lost", async () => {
  await using lxd = await scriptedServer(() => undefined);
  await using client = lxd.client({ limits: { eventsPingMs: 50 } });
  const listener = recorder();
  client.events.subscribe(listener);
  await expect.poll(() => lxd.eventSockets.length).toBe(1);
  lxd.eventSockets[0]?.pause();
  await expect.poll(() => listener.seen.resyncs).toBe(2);
});

test("one connection serves all subscribers and asks for lifecycle and operation events of the project", async () => {
  await using lxd = await scriptedServer(() => undefined);
  await using client = lxd.client({ project: "p" });
  const one = recorder();
  const two = recorder();
  client.events.subscribe(one);
  await expect.poll(() => one.seen.resyncs).toBe(1);
  client.events.subscribe(two);
  await expect.poll(() => two.seen.resyncs).toBe(1);
  lxd.sendLifecycle("instance-created", "/1.0/instances/x?project=p");
  await expect.poll(() => [one.actions, two.actions]).toEqual([["instance-created"], ["instance-created"]]);
  expect(lxd.eventSockets).toHaveLength(1);
});

test("a closed client does not reconnect", async () => {
  await using lxd = await scriptedServer(() => undefined);
  const client = createLxdClient({ socketPath: lxd.socketPath });
  const listener = recorder();
  client.events.subscribe(listener);
  await expect.poll(() => listener.seen.resyncs).toBe(1);
  await client.close();
  expect(client.events.connection).toEqual({ status: "closed" });
  await expect.poll(() => lxd.eventSockets[0]?.readyState).toBe(3);
  expect(listener.states.at(-1)).toBe("closed");
});
