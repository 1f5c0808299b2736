import { expect, test } from "vitest";
import type { Operation } from "../schema/operation.ts";
import {
  failure,
  operation,
  type Script,
  scriptedServer,
  started,
  succeeded,
  success,
} from "../testing/scripted-server.ts";

/** Starts an operation "1" for every PUT; `now` is what a look at it shows. */
function world(change: Partial<Operation> = {}) {
  const state: { now: Operation | undefined } = { now: operation("1", change) };
  const script: Script = ({ what }) => {
    if (what.startsWith("PUT")) return started(operation("1", change));
    if (what === "GET /1.0/operations") return success(state.now === undefined ? {} : { running: [state.now] });
    if (what === "GET /1.0/operations/1" && state.now !== undefined) return success(state.now);
    if (what === "DELETE /1.0/operations/1") return success({});
    return undefined;
  };
  return { state, script };
}

const never = { operationSweepMs: 3_600_000, operationPollMs: 3_600_000 };
const start = { action: "start" } as const;

test("an event ends a wait; updates are handed on", async () => {
  const { script } = world();
  await using lxd = await scriptedServer(script);
  await using client = lxd.client({ limits: never });
  const updates: (number | undefined)[] = [];
  const waiting = client.instances.setState("x", start, { onUpdate: ({ status_code }) => updates.push(status_code) });
  await expect.poll(() => client.events.connection.status).toBe("connected");
  await expect.poll(() => lxd.count("GET /1.0/operations/1")).toBeGreaterThan(0);
  lxd.sendOperation(operation("other"));
  lxd.sendOperation(operation("1", { metadata: { progress: "50%" } }));
  lxd.sendOperation(succeeded("1"));
  expect(await waiting).toMatchObject({ status: "Success" });
  expect(updates.slice(-2)).toEqual([103, 200]);
});

test("an end that came before anyone listened is seen by one look", async () => {
  const { state, script } = world();
  state.now = succeeded("1");
  await using lxd = await scriptedServer(script);
  await using client = lxd.client({ limits: never });
  expect(await client.instances.setState("x", start)).toMatchObject({ id: "1", status: "Success" });
});

test("an end whose event came before the answer is known without a look", async () => {
  const { script } = world();
  await using lxd = await scriptedServer((request) => {
    if (request.what.startsWith("PUT")) lxd.sendOperation(succeeded("1"));
    return script(request);
  });
  await using client = lxd.client({ limits: never });
  client.events.subscribe({});
  await expect.poll(() => client.events.connection.status).toBe("connected");
  expect(await client.instances.setState("x", start)).toMatchObject({ id: "1", status: "Success" });
  expect(lxd.count("GET /1.0/operations/1")).toBe(0);
});

test("the end of an operation that is started first and waited for later is known without a look", async () => {
  const { script } = world();
  await using lxd = await scriptedServer(script);
  await using client = lxd.client({ limits: never });
  client.events.subscribe({});
  await expect.poll(() => client.events.connection.status).toBe("connected");
  const handle = await client.operations.start({ method: "PUT", path: "/1.0/instances/x" });
  const waiting = handle.waitEnd();
  lxd.sendOperation(succeeded("1"));
  expect(await waiting).toMatchObject({ id: "1", status: "Success" });
  expect(lxd.count("GET /1.0/operations/1")).toBe(0);
});

test("an end whose event was lost is found by the sweep, one request for all waits", async () => {
  const { state, script } = world();
  await using lxd = await scriptedServer(script);
  await using client = lxd.client();
  const waits = [client.instances.setState("x", start), client.instances.setState("y", start)];
  await expect.poll(() => lxd.count("GET /1.0/operations")).toBeGreaterThan(1);
  state.now = succeeded("1");
  await Promise.all(waits);
  expect(lxd.count("GET /1.0/operations/1")).toBe(2);
});

test("an operation that LXD forgot before its end was seen is 'operation-lost'", async () => {
  const { state, script } = world();
  await using lxd = await scriptedServer(script);
  await using client = lxd.client();
  const waiting = client.instances.setState("x", start);
  await expect.poll(() => lxd.count("GET /1.0/operations")).toBeGreaterThan(0);
  state.now = undefined;
  await expect(waiting).rejects.toMatchObject({ code: "operation-lost", cause: { code: "not-found" } });
});

test("a wait outlives a server that goes away and comes back", async () => {
  const { state, script } = world();
  await using lxd = await scriptedServer(script);
  await using client = lxd.client();
  const waiting = client.instances.setState("x", start);
  await expect.poll(() => client.events.connection.status).toBe("connected");
  await lxd.stop();
  await expect.poll(() => client.events.connection.status).toBe("disconnected");
  state.now = succeeded("1");
  await lxd.start();
  expect(await waiting).toMatchObject({ status: "Success" });
});

test("a wait ends with 'unavailable' when the server stays away", async () => {
  const { script } = world();
  await using lxd = await scriptedServer(script);
  await using client = lxd.client({ limits: { operationUnavailableMs: 30 } });
  const waiting = client.instances.setState("x", start);
  waiting.catch(() => {});
  await expect.poll(() => client.events.connection.status).toBe("connected");
  await lxd.stop();
  await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
});

test("an aborted wait cancels an operation that can be cancelled", async () => {
  const { script } = world({ may_cancel: true });
  await using lxd = await scriptedServer(script);
  await using client = lxd.client();
  const waiting = client.instances.setState("x", start, { signal: AbortSignal.timeout(50) });
  await expect(waiting).rejects.toMatchObject({ code: "timeout" });
  expect(lxd.count("DELETE /1.0/operations/1")).toBe(1);
});

test("an aborted wait leaves alone what cannot be cancelled, and what others wait for goes on", async () => {
  const { state, script } = world();
  await using lxd = await scriptedServer(script);
  await using client = lxd.client();
  const handle = await client.operations.start({ method: "PUT", path: "/1.0/instances/x" });
  const other = handle.waitEnd();
  await expect(handle.wait({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: "timeout" });
  await expect(handle.wait({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
  expect(lxd.count("DELETE /1.0/operations/1")).toBe(0);
  state.now = succeeded("1", { metadata: { done: 1 } });
  expect(await other).toMatchObject({ status: "Success" });
  expect(handle.metadata).toEqual({ done: 1 });
});

test("a server that refuses the look at operations does not end the wait at once", async () => {
  const { script } = world();
  let refuse = true;
  await using lxd = await scriptedServer((request) =>
    refuse && request.what.startsWith("GET") ? failure(500, "database is locked") : script(request),
  );
  await using client = lxd.client({ limits: never });
  const waiting = client.instances.setState("x", start);
  await expect.poll(() => client.events.connection.status).toBe("connected");
  refuse = false;
  lxd.sendOperation(succeeded("1"));
  await waiting;
});
