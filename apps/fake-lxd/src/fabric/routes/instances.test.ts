import type { Instance, InstanceState } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { sleepingApp, startFixture, until } from "../../testing/fixture.ts";

describe("creating an instance", () => {
  it("copies the image's properties and sets the volatile keys; it has never been used", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", [], { config: { "user.a": "b" }, description: "d" });
    const instance = await fixture.api.get<Instance>("/1.0/instances/c1");
    expect(instance).toMatchObject({ status: "Stopped", status_code: 102, description: "d", profiles: ["default"] });
    expect(instance.last_used_at).toBe("1970-01-01T00:00:00Z");
    expect(instance.config).toMatchObject({
      "image.os": "busybox",
      "user.a": "b",
      "volatile.apply_template": "create",
      "volatile.last_state.idmap": "[]",
      "volatile.base_image": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(instance.expanded_devices["root"]).toEqual({ path: "/", pool: "default", type: "disk" });
    expect(instance.config["volatile.last_state.power"]).toBeUndefined();
  });

  it.each([
    [{ name: "bad_name" }, 400, "Invalid instance name: Name can only contain alphanumeric and hyphen characters"],
    [{ name: "1x" }, 400, "Invalid instance name: Name must not start with a number"],
    [{ name: "x".repeat(64) }, 400, "Invalid instance name: Name must be 1-63 characters long"],
    [{ profiles: ["nope"] }, 500, `Requested profile "nope" doesn't exist`],
    [{ source: { type: "image", alias: "nope" } }, 404, "Image alias not found"],
    [{ source: { type: "weird" } }, 400, "Unknown source type weird"],
    [{ type: "weird" }, 400, "Invalid instance type"],
  ])("refuses %j at once", async (body, status, error) => {
    await using fixture = await startFixture();
    const whole = { name: "x", source: { type: "image", alias: "busybox" }, ...body };
    expect(await fixture.api.refusal("POST", "/1.0/instances", whole)).toEqual([status, error]);
  });

  it.each([
    [{ config: { nokey: "1" } }, "Failed creating instance record: Unknown configuration key: nokey"],
    [
      { profiles: [] },
      "Failed creating instance record: Failed initialising instance: Failed getting root disk: No root device could be found",
    ],
    [
      { devices: { d: { type: "disk", source: "/nope/x", path: "/x" } } },
      'Failed creating instance record: Failed initialising instance: Failed add validation for device "d": Missing source path "/nope/x" for disk "d"',
    ],
    [{ source: { type: "image", fingerprint: "ffff" } }, "Image not provided for instance creation"],
  ])("fails in its operation for %j", async (body, error) => {
    await using fixture = await startFixture();
    const whole = { name: "x", source: { type: "image", alias: "busybox" }, ...body };
    const operation = await fixture.api.operate("POST", "/1.0/instances", whole);
    expect(operation).toMatchObject({ status: "Failure", err: error });
    expect(await fixture.api.get("/1.0/instances")).toEqual([]);
  });

  it("refuses a name that is taken inside the operation", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1");
    const body = { name: "c1", source: { type: "image", alias: "busybox" } };
    const { err } = await fixture.api.operate("POST", "/1.0/instances", body);
    expect(err).toBe(
      'Failed creating instance record: Add instance info to the database: This "instances" entry already exists',
    );
  });

  it("copies an instance with its files, but not with its identity", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", [], { config: { "user.a": "b" } });
    await fixture.api.raw("POST", "/1.0/instances/c1/files?path=/root/f", "content");
    const source = { type: "copy", source: "c1" };
    await fixture.api.must("POST", "/1.0/instances", { name: "c2", source, profiles: ["default"] });
    const [one, two] = await fixture.api.get<Instance[]>("/1.0/instances?recursion=1");
    expect(two?.config["user.a"]).toBe("b");
    expect(two?.config["volatile.uuid"]).not.toBe(one?.config["volatile.uuid"]);
    expect((await fixture.api.raw("GET", "/1.0/instances/c2/files?path=/root/f")).text).toBe("content");
  });
});

describe("changing an instance", () => {
  it("merges by PATCH: an empty value deletes a key, and the description is lost when it is not sent", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", [], { config: { "user.a": "1", "user.b": "2" }, description: "d" });
    await fixture.api.call("PATCH", "/1.0/instances/c1", { config: { "user.a": "", "user.c": "3" } });
    const { config, description } = await fixture.api.get<Instance>("/1.0/instances/c1");
    expect(config).toMatchObject({ "user.b": "2", "user.c": "3" });
    expect(config["user.a"]).toBeUndefined();
    expect(description).toBe("");
  });

  it("by PUT must carry the volatile idmap keys", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1");
    const read = await fixture.api.get<Instance>("/1.0/instances/c1");
    const without = await fixture.api.operate("PUT", "/1.0/instances/c1", { ...read, config: {} });
    expect(without.err).toBe("Volatile idmap keys can't be deleted by the user");
    const config = { ...read.config, "user.new": "1" };
    await fixture.api.must("PUT", "/1.0/instances/c1", { ...read, config });
    expect((await fixture.api.get<Instance>("/1.0/instances/c1")).config).toEqual(config);
  });

  it.each([
    [{ config: { nokey: "1" } }, "Invalid config: Unknown configuration key: nokey"],
    [
      { config: { "raw.lxc": "lxc.weird=1" } },
      'Failed to load config file "/tmp/lxd_config_N": loading config file for the container failed',
    ],
    [
      { devices: { d: { type: "weird" } } },
      'Invalid devices: Device validation failed for "d": Failed loading device "d": Unsupported device type',
    ],
    [
      { devices: { r: { type: "disk", path: "/", pool: "default" } } },
      "Invalid expanded devices: Failed detecting root disk device: More than one root device found",
    ],
    [
      { devices: { d: { type: "disk", source: "/tmp", path: "/x", recursive: "true", readonly: "true" } } },
      `Invalid devices: Device validation failed for "d": Recursive read-only bind-mounts aren't currently supported by the kernel`,
    ],
    [
      { devices: { n: { type: "nic", network: "lxdbr0", "ipv4.address": "1.2.3.4" } } },
      'Invalid devices: Device validation failed for "n": Device IP address "1.2.3.4" not within network "lxdbr0" subnet',
    ],
    [
      { devices: { p: { type: "proxy", listen: "weird", connect: "tcp:127.0.0.1:1" } } },
      'Invalid devices: Device validation failed for "p": Invalid value for device option "listen": Unknown protocol type "weird"',
    ],
  ])("refuses %j and leaves everything as it was", async (body, error) => {
    await using fixture = await startFixture();
    await fixture.create("c1");
    const before = await fixture.api.get("/1.0/instances/c1");
    const [status, text] = await fixture.api.refusal("PATCH", "/1.0/instances/c1", body);
    expect(status).toBe(500);
    expect(text.replace(/lxd_config_\d+/, "lxd_config_N")).toBe(error);
    expect(await fixture.api.get("/1.0/instances/c1")).toEqual(before);
  });

  it("renames a stopped one, its logs included, and refuses a name in use", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1");
    await fixture.create("c2");
    expect(await fixture.api.refusal("POST", "/1.0/instances/c1", { name: "c2" })).toEqual([
      409,
      'Name "c2" already in use',
    ]);
    await fixture.api.must("POST", "/1.0/instances/c1", { name: "c3" });
    expect(await fixture.api.get("/1.0/instances")).toEqual(["/1.0/instances/c2", "/1.0/instances/c3"]);
  });
});

describe("the life of an instance", () => {
  it("starts: pid, status, volatile keys, time of use", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", sleepingApp);
    await fixture.start("c1");
    const instance = await fixture.api.get<Instance>("/1.0/instances/c1");
    expect(instance).toMatchObject({ status: "Running", status_code: 103 });
    expect(instance.last_used_at > instance.created_at).toBe(true);
    expect(instance.config["volatile.last_state.power"]).toBe("RUNNING");
    expect(instance.config["volatile.apply_template"]).toBeUndefined();
    const state = await fixture.api.get<InstanceState>("/1.0/instances/c1/state");
    expect(state.pid).toBeGreaterThan(4194304);
    expect(state.processes).toBe(1);
    expect(Object.keys(state.network ?? {})).toEqual(["lo"]);
  });

  it("stops by force with another pid at the next start", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", sleepingApp);
    await fixture.start("c1");
    const first = await fixture.api.get<InstanceState>("/1.0/instances/c1/state");
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
    const stopped = await fixture.api.get<InstanceState>("/1.0/instances/c1/state");
    expect(stopped).toMatchObject({ status: "Stopped", pid: 0, processes: 0, network: null });
    await fixture.start("c1");
    expect((await fixture.api.get<InstanceState>("/1.0/instances/c1/state")).pid).not.toBe(first.pid);
  });

  it.each([
    ["stop", "The instance is already stopped"],
    ["restart", "The instance is already stopped"],
    ["freeze", "The container isn't running"],
    ["unfreeze", "The container isn't running"],
  ])("cannot %s a stopped one", async (action, error) => {
    await using fixture = await startFixture();
    await fixture.create("c1");
    expect((await fixture.api.operate("PUT", "/1.0/instances/c1/state", { action })).err).toBe(error);
  });

  it.each([
    ["start", "The instance is already running"],
    ["unfreeze", "The container is already running"],
  ])("cannot %s a running one", async (action, error) => {
    await using fixture = await startFixture();
    await fixture.create("c1", sleepingApp);
    await fixture.start("c1");
    expect((await fixture.api.operate("PUT", "/1.0/instances/c1/state", { action })).err).toBe(error);
    expect(await fixture.api.refusal("DELETE", "/1.0/instances/c1")).toEqual([400, "Instance is running"]);
  });

  it("fails a graceful stop that is ignored and never escalates", async () => {
    await using fixture = await startFixture();
    // pid 1 has no handler for SIGTERM.
    await fixture.create("c1", ["lxc.init.cmd = /bin/sleep 1000", "lxc.signal.halt = SIGTERM"]);
    await fixture.start("c1");
    const { err } = await fixture.api.operate("PUT", "/1.0/instances/c1/state", { action: "stop", timeout: 0.1 });
    expect(err).toBe('Failed shutting down instance, status is "Running": shutting down the container failed');
    expect((await fixture.api.get<Instance>("/1.0/instances/c1")).status).toBe("Running");
  });

  it("freezes and thaws; commands are refused while frozen", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", sleepingApp);
    await fixture.start("c1");
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "freeze" });
    expect((await fixture.api.get<Instance>("/1.0/instances/c1")).status).toBe("Frozen");
    const exec = { command: ["true"] };
    expect(await fixture.api.refusal("POST", "/1.0/instances/c1/exec", exec)).toEqual([400, "Instance is frozen"]);
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "unfreeze" });
    await fixture.api.must("POST", "/1.0/instances/c1/exec", exec);
  });

  it("ends by itself: stopped, exit code only in lxc.log", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", ["lxc.init.cmd = /bin/false", "lxc.log.level = info"]);
    await fixture.start("c1");
    await until(async () => (await fixture.api.get<Instance>("/1.0/instances/c1")).status === "Stopped");
    const log = await fixture.api.raw("GET", "/1.0/instances/c1/logs/lxc.log");
    expect(log.text).toMatch(/^lxc c1 \d{14}\.\d{1,3} INFO {5}error - .* - Child <\d+> ended on error \(1\)$/m);
    const { config } = await fixture.api.get<Instance>("/1.0/instances/c1");
    expect(config["volatile.last_state.power"]).toBe("STOPPED");
  });

  it("by a signal says so in lxc.log, and nothing without the log level", async () => {
    await using fixture = await startFixture();
    await fixture.create("loud", sleepingApp);
    await fixture.create("quiet", ["lxc.init.cmd = /bin/sleep 1000"]);
    for (const name of ["loud", "quiet"]) {
      await fixture.start(name);
      await fixture.api.must("PUT", `/1.0/instances/${name}/state`, { action: "stop", force: true });
    }
    const logOf = async (name: string) => (await fixture.api.raw("GET", `/1.0/instances/${name}/logs/lxc.log`)).text;
    expect(await logOf("loud")).toMatch(/Child <\d+> ended on signal Killed\(9\)/);
    expect(await logOf("quiet")).toBe("");
  });

  it("that cannot be executed is told by the name that LXC has for it: in a project, with the project's", async () => {
    await using fixture = await startFixture();
    const config = { "features.images": "false", "features.profiles": "false" };
    await fixture.api.call("POST", "/1.0/projects", { name: "p", config });
    const source = { type: "image", alias: "busybox" };
    const body = { name: "c1", source, config: { "raw.lxc": "lxc.init.cmd = /nope/x" } };
    await fixture.api.must("POST", "/1.0/instances?project=p", body);
    const { err } = await fixture.api.operate("PUT", "/1.0/instances/c1/state?project=p", { action: "start" });
    expect(err).toMatch(/forkstart p_c1 .*\/p_c1\/lxc\.conf: exit status 1$/);
  });

  it("that cannot be executed fails its start, is busy for a moment, and counts as used", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", ["lxc.init.cmd = /nope/x"]);
    const { err } = await fixture.api.operate("PUT", "/1.0/instances/c1/state", { action: "start" });
    expect(err).toMatch(/^Failed to run: \/usr\/bin\/lxd forkstart c1 .*\/lxc\.conf: exit status 1$/);
    const again = await fixture.api.operate("PUT", "/1.0/instances/c1/state", { action: "start" });
    expect(again.err).toBe('Failed to create instance start operation: Instance is busy running a "stop" operation');
    const log = await fixture.api.raw("GET", "/1.0/instances/c1/logs/lxc.log");
    expect(log.text).toContain('No such file or directory - Failed to exec "/nope/x"');
    expect((await fixture.api.get<Instance>("/1.0/instances/c1")).last_used_at).not.toBe("1970-01-01T00:00:00Z");
  });

  it("is deleted with its name free again, its log directory gone with the next of that name", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", sleepingApp);
    await fixture.start("c1");
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
    await fixture.api.must("DELETE", "/1.0/instances/c1");
    expect(await fixture.api.refusal("GET", "/1.0/instances/c1")).toEqual([404, "Instance not found"]);
    await fixture.create("c1");
    expect((await fixture.api.raw("GET", "/1.0/instances/c1/logs/lxc.log")).text).toBe("");
  });
});

describe("namespaces of another instance", () => {
  it("are joined: address and hostname are the sandbox's", async () => {
    await using fixture = await startFixture();
    const eth0 = { eth0: { type: "nic", network: "lxdbr0" } };
    const address = ["lxc.net.0.ipv4.address = 10.0.0.9/24"];
    await fixture.create("sandbox", [...sleepingApp, ...address], { devices: eth0 });
    await fixture.start("sandbox");
    const share = ["net", "uts", "ipc", "user"].map((kind) => `lxc.namespace.share.${kind} = sandbox`);
    await fixture.create("app", [...sleepingApp, ...share]);
    await fixture.start("app");
    const state = await fixture.api.get<InstanceState>("/1.0/instances/app/state");
    expect(state.network?.["eth0"]?.addresses[0]).toMatchObject({ address: "10.0.0.9", netmask: "24" });
    expect((await fixture.exec("app", ["hostname"])).stdout).toBe("sandbox\n");
  });

  it("that does not run make the start fail, with the reason in lxc.log", async () => {
    await using fixture = await startFixture();
    await fixture.create("app", [...sleepingApp, "lxc.namespace.share.net = nope"]);
    const { err } = await fixture.api.operate("PUT", "/1.0/instances/app/state", { action: "start" });
    expect(err).toMatch(/forkstart/);
    const log = await fixture.api.raw("GET", "/1.0/instances/app/logs/lxc.log");
    expect(log.text).toContain('Container "nope" is not running');
  });
});
