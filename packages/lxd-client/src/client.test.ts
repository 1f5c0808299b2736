import { expect, test } from "vitest";
import { operation, scriptedServer, started, succeeded, success } from "./testing/scripted-server.ts";

test("close lets calls under way end, in all their steps, and refuses new ones", async () => {
  let now = operation("1");
  await using lxd = await scriptedServer(({ what }) => {
    if (what.startsWith("PUT")) return started(operation("1"));
    return success(what === "GET /1.0/operations" ? { running: [now] } : now);
  });
  const client = lxd.client();
  const working = client.instances.setState("x", { action: "start" });
  await expect.poll(() => lxd.count("GET /1.0/operations/1")).toBe(1);
  const closing = client.close();
  await expect(client.server.get()).rejects.toMatchObject({ code: "closed" });
  now = succeeded("1");
  expect(await working).toMatchObject({ status: "Success" });
  await closing;
  await client.close();
  await client.destroy();
});

test("destroy ends calls, waits and sessions at once with 'closed'", async () => {
  await using lxd = await scriptedServer(({ what }) => {
    if (what.startsWith("PUT")) return started(operation("1"));
    if (what.startsWith("GET /1.0/operations")) return success(operation("1"));
    return new Promise(() => {});
  });
  const client = lxd.client({ limits: { operationSweepMs: 3_600_000, operationPollMs: 3_600_000 } });
  const waiting = client.instances.setState("x", { action: "start" });
  const asking = client.server.get();
  const ended = Promise.allSettled([waiting, asking]);
  await expect.poll(() => lxd.requests.length).toBeGreaterThanOrEqual(3);
  await client.destroy();
  await client.destroy();
  await client.close();
  for (const result of await ended) expect(result).toMatchObject({ status: "rejected", reason: { code: "closed" } });
});

test("what the server is is asked once, and again after the connection was lost", async () => {
  await using lxd = await scriptedServer(() => success({ api_extensions: ["one"] }));
  await using client = lxd.client();
  let resyncs = 0;
  client.events.subscribe({ resync: () => resyncs++ });
  await expect.poll(() => resyncs).toBe(1);
  expect((await client.server.info()).has("one")).toBe(true);
  await client.server.info();
  expect(lxd.count("GET /1.0")).toBe(1);
  lxd.eventSockets[0]?.terminate();
  await expect.poll(() => resyncs).toBe(2);
  await client.server.info();
  expect(lxd.count("GET /1.0")).toBe(2);
});
