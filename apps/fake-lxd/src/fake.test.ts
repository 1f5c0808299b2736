import type { Instance } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { startFakeLxd } from "./fake.ts";
import { Api, type FinishedOperation } from "./testing/api.ts";
import { sleepingApp, startFixture, until } from "./testing/fixture.ts";
import { connect } from "./testing/websocket.ts";

const instanceOf = (api: Api, name: string) => api.get<Instance>(`/1.0/instances/${name}`);

describe("a crash of the daemon", () => {
  it("keeps state and guests, and loses operations and connections", async () => {
    await using fixture = await startFixture();
    const { fake, api } = fixture;
    await fixture.create("c1", sleepingApp);
    await fixture.start("c1");
    const { pid } = await api.get<{ pid: number }>("/1.0/instances/c1/state");
    const events = await connect(fake.socketPath, "/1.0/events");
    const { operation } = await api.call("POST", "/1.0/instances/c1/exec", { command: ["sleep", "100"] });
    await fake.crash();
    expect(await events.closed).toBe(1006);
    await expect(api.get("/1.0")).rejects.toThrow(/ENOENT|ECONNREFUSED/);
    await fake.restart();
    expect(await api.refusal("GET", operation)).toEqual([404, "Operation not found"]);
    expect((await instanceOf(api, "c1")).status).toBe("Running");
    expect((await api.get<{ pid: number }>("/1.0/instances/c1/state")).pid).toBe(pid);
    await api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
  });

  it("does not hide how an app ended meanwhile: the monitor writes lxc.log", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", ["lxc.init.cmd = /bin/sleep 0.05", "lxc.log.level = info"]);
    await fixture.create("c2", ["lxc.init.cmd = /bin/sh /fail", "lxc.log.level = info"]);
    await fixture.api.raw("POST", "/1.0/instances/c2/files?path=/fail", "sleep 0.05; exit 7");
    await fixture.start("c1");
    await fixture.start("c2");
    await fixture.fake.crash();
    const restarted = async () => {
      await fixture.fake.restart();
      const statuses = await Promise.all(["c1", "c2"].map((name) => instanceOf(fixture.api, name)));
      return statuses.every(({ status }) => status === "Stopped");
    };
    await until(restarted);
    const log = await fixture.api.raw("GET", "/1.0/instances/c2/logs/lxc.log");
    expect(log.text).toMatch(/Child <\d+> ended on error \(7\)/);
  });

  it("starts again at boot what ran before, unless boot.autostart is false", async () => {
    await using fixture = await startFixture();
    // long enough for the crash to come first
    await fixture.create("auto", ["lxc.init.cmd = /bin/sleep 3"], { config: { "boot.autostart": "" } });
    await fixture.create("manual", ["lxc.init.cmd = /bin/sleep 3"]);
    await fixture.start("auto");
    await fixture.start("manual");
    const before = await instanceOf(fixture.api, "auto");
    await fixture.fake.crash();
    await until(async () => {
      await fixture.fake.restart();
      return (await instanceOf(fixture.api, "manual")).status === "Stopped";
    });
    expect((await instanceOf(fixture.api, "auto")).last_used_at > before.last_used_at).toBe(true);
  });

  it("by rule happens before or after the request", async () => {
    await using fixture = await startFixture();
    const { fake, api } = fixture;
    fake.rules.add({ match: { method: "POST", path: /profiles/ }, action: { kind: "crash", when: "after" }, times: 1 });
    await expect(api.call("POST", "/1.0/profiles", { name: "p" })).rejects.toThrow("socket hang up");
    expect(fake.running).toBe(false);
    await fake.restart();
    expect(await api.get("/1.0/profiles")).toContain("/1.0/profiles/p");
  });
});

describe("faults", () => {
  it("answer with an error, drop the answer, or cut the connection", async () => {
    await using fixture = await startFixture();
    const { fake, api } = fixture;
    fake.rules.add({ match: { path: /^\/1\.0$/ }, action: { kind: "error", status: 503 }, times: 1 });
    expect(await api.refusal("GET", "/1.0")).toEqual([503, "Service Unavailable"]);
    fake.rules.add({ match: { method: "POST" }, action: { kind: "lose-answer" }, times: 1 });
    await expect(api.call("POST", "/1.0/profiles", { name: "p" })).rejects.toThrow("socket hang up");
    expect(await api.get("/1.0/profiles")).toContain("/1.0/profiles/p");
    fake.rules.add({ match: { method: "DELETE" }, action: { kind: "reset" }, times: 1 });
    await expect(api.call("DELETE", "/1.0/profiles/p")).rejects.toThrow("socket hang up");
    expect(await api.get("/1.0/profiles")).toContain("/1.0/profiles/p");
  });

  it("drop and delay events: later ones overtake", async () => {
    await using fixture = await startFixture();
    const { fake, api } = fixture;
    fake.rules.add({ match: { event: /profile-created/ }, action: { kind: "delay", ms: 50 } });
    fake.rules.add({ match: { event: /profile-renamed/ }, action: { kind: "drop-event" } });
    const client = await connect(fake.socketPath, "/1.0/events?type=lifecycle");
    await api.call("POST", "/1.0/profiles", { name: "p" });
    await api.call("POST", "/1.0/profiles/p", { name: "q" });
    await api.call("DELETE", "/1.0/profiles/q");
    await until(() => client.frames.length === 2);
    const actions = client.frames.map(
      (frame) => (JSON.parse(frame.text ?? "") as { metadata: { action: string } }).metadata.action,
    );
    expect(actions).toEqual(["profile-deleted", "profile-created"]);
  });

  it("break a websocket without a close frame", async () => {
    await using fixture = await startFixture();
    fixture.fake.rules.add({ match: { path: /events/ }, action: { kind: "break-websocket" } });
    expect(await (await connect(fixture.fake.socketPath, "/1.0/events")).closed).toBe(1006);
  });

  it("fill the disk: uploads and creates fail, and leave nothing", async () => {
    await using fixture = await startFixture();
    const { fake, api } = fixture;
    using _full = fake.rules.add({ match: { store: /./ }, action: { kind: "disk-full" } });
    const created = await api.operate("POST", "/1.0/instances", {
      name: "x",
      source: { type: "image", alias: "busybox" },
    });
    expect(created.err).toMatch(/no space left on device$/);
    expect(await api.get("/1.0/instances")).toEqual([]);
    const answer = await api.raw("POST", "/1.0/images", "x", { "content-type": "application/octet-stream" });
    const { operation } = JSON.parse(answer.text) as { operation: string };
    expect((await api.get<FinishedOperation>(`${operation}/wait`)).err).toMatch(/no space left on device$/);
  });

  it("make an instance's status unknown", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", sleepingApp);
    await fixture.start("c1");
    fixture.fake.rules.add({ match: { instance: /^c1$/ }, action: { kind: "instance-error" }, times: 1 });
    expect(await instanceOf(fixture.api, "c1")).toMatchObject({ status: "Error", status_code: 112 });
    expect((await instanceOf(fixture.api, "c1")).status).toBe("Running");
  });
});

async function run(): Promise<unknown[]> {
  await using fixture = await startFixture({ seed: 42 });
  await fixture.create("c1", [], { devices: { eth0: { type: "nic", network: "lxdbr0" } } });
  const { config } = await instanceOf(fixture.api, "c1");
  return [config["volatile.uuid"], config["volatile.eth0.hwaddr"], await fixture.api.get("/1.0/networks/lxdbr0")];
}

it("gives the same ids and addresses under the same seed", async () => {
  expect(await run()).toEqual(await run());
});

it("leaves no socket behind when it is closed", async () => {
  const fake = await startFakeLxd();
  await fake.close();
  await expect(new Api(fake.socketPath).get("/1.0")).rejects.toThrow("ENOENT");
});
