import type { LifecycleEvent, LxdEvent, OperationEvent } from "@lxe/lxd-client";
import { expect, it } from "vitest";
import { type Fixture, sleepingApp, startFixture, until } from "../../testing/fixture.ts";
import { type Client, connect } from "../../testing/websocket.ts";

const listen = ({ fake }: Fixture, query: string) => connect(fake.socketPath, `/1.0/events${query}`);
const eventsOf = (client: Client) => client.frames.map((frame) => JSON.parse(frame.text ?? "") as LxdEvent);
const actionsOf = (client: Client) => eventsOf(client).map((event) => (event as LifecycleEvent).metadata.action);

it("tells the life of an instance, and who asked for each step", async () => {
  await using fixture = await startFixture();
  const client = await listen(fixture, "?type=lifecycle");
  const { api } = fixture;
  await fixture.create("c1", sleepingApp);
  await fixture.start("c1");
  await api.call("PATCH", "/1.0/instances/c1", { config: { "user.a": "1" } });
  await api.must("PUT", "/1.0/instances/c1/state", { action: "restart", force: true });
  await api.must("PUT", "/1.0/instances/c1/state", { action: "freeze" });
  await api.must("PUT", "/1.0/instances/c1/state", { action: "unfreeze" });
  await api.must("PUT", "/1.0/instances/c1/state", { action: "stop", timeout: 10 });
  await fixture.start("c1");
  await api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
  await api.must("DELETE", "/1.0/instances/c1");
  await until(() => actionsOf(client).includes("instance-deleted"));
  expect(actionsOf(client)).toEqual([
    "instance-created",
    "instance-started",
    "instance-updated",
    "instance-restarted",
    "instance-paused",
    "instance-resumed",
    "instance-shutdown",
    "instance-started",
    "instance-stopped",
    "instance-deleted",
  ]);
  const [created, started] = eventsOf(client) as LifecycleEvent[];
  expect(created).toMatchObject({
    type: "lifecycle",
    location: "none",
    project: "default",
    metadata: { source: "/1.0/instances/c1", context: { "storage-pool": "default", type: "container" } },
  });
  expect(created?.metadata.requestor).toBeUndefined();
  expect(started?.metadata.requestor).toEqual({ username: "root", protocol: "unix", address: "@" });
});

it("has no requestor when an app ends by itself", async () => {
  await using fixture = await startFixture();
  const client = await listen(fixture, "?type=lifecycle");
  await fixture.create("c1", ["lxc.init.cmd = /bin/true"]);
  await fixture.start("c1");
  await until(() => actionsOf(client).includes("instance-shutdown"));
  expect((eventsOf(client).at(-1) as LifecycleEvent).metadata.requestor).toBeUndefined();
});

it("shows every step of an operation", async () => {
  await using fixture = await startFixture();
  const client = await listen(fixture, "?type=operation");
  await fixture.create("c1", sleepingApp);
  await fixture.start("c1");
  const starts = () =>
    (eventsOf(client) as OperationEvent[]).filter((event) => event.metadata.description === "Starting instance");
  await until(() => starts().at(-1)?.metadata.status === "Success");
  expect(starts().map((event) => event.metadata.status)).toEqual([
    "Pending",
    "Running",
    "Running",
    "Running",
    "Success",
  ]);
});

it("sends only what was asked for, of the project that was asked for", async () => {
  await using fixture = await startFixture();
  const { api } = fixture;
  await api.call("POST", "/1.0/projects", { name: "other" });
  const here = await listen(fixture, "?type=lifecycle");
  const there = await listen(fixture, "?type=lifecycle&project=other");
  const all = await listen(fixture, "?type=lifecycle&all-projects=true");
  await api.call("POST", "/1.0/profiles?project=other", { name: "p" });
  await api.call("POST", "/1.0/profiles", { name: "p" });
  await until(() => all.frames.length === 2 && here.frames.length === 1);
  expect(there.frames).toHaveLength(1);
  expect((eventsOf(there)[0] as LifecycleEvent).metadata.source).toBe("/1.0/profiles/p?project=other");
});

it("delivers large events whole", async () => {
  await using fixture = await startFixture();
  await fixture.create("c1", sleepingApp);
  await fixture.start("c1");
  const client = await listen(fixture, "?type=lifecycle");
  const argument = "x".repeat(30_000);
  await fixture.exec("c1", ["true", argument]);
  await until(() => client.frames.length > 0);
  expect((eventsOf(client)[0] as LifecycleEvent).metadata.context?.["command"]).toEqual(["true", argument]);
});
