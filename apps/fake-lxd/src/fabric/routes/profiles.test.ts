import type { Instance, Profile } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { sleepingApp, startFixture } from "../../testing/fixture.ts";

const device = (path: string) => ({ d: { type: "disk", source: "/tmp", path } });

describe("profiles", () => {
  it("are inherited in their order, the instance's own values last", async () => {
    await using fixture = await startFixture();
    const { api } = fixture;
    await api.call("POST", "/1.0/profiles", {
      name: "a",
      config: { "user.x": "a", "user.y": "a" },
      devices: device("/a"),
    });
    await api.call("POST", "/1.0/profiles", {
      name: "b",
      config: { "user.y": "b", "user.z": "b" },
      devices: device("/b"),
    });
    await fixture.create("c1", [], { profiles: ["default", "a", "b"], config: { "user.z": "own" } });
    const instance = await api.get<Instance>("/1.0/instances/c1");
    expect(instance.expanded_config).toMatchObject({ "user.x": "a", "user.y": "b", "user.z": "own" });
    expect(instance.expanded_devices["d"]).toEqual({ type: "disk", source: "/tmp", path: "/b" });
    expect(instance.config["user.x"]).toBeUndefined();
  });

  it("know their users, and cannot be deleted while they have some", async () => {
    await using fixture = await startFixture();
    const { api } = fixture;
    await api.call("POST", "/1.0/profiles", { name: "a" });
    await fixture.create("c1", [], { profiles: ["default", "a"] });
    expect((await api.get<Profile>("/1.0/profiles/a")).used_by).toEqual(["/1.0/instances/c1"]);
    expect(await api.refusal("DELETE", "/1.0/profiles/a")).toEqual([500, "Profile is currently in use"]);
    await api.must("DELETE", "/1.0/instances/c1");
    expect((await api.call("DELETE", "/1.0/profiles/a")).status_code).toBe(200);
  });

  it("take a change even when a user of theirs refuses it, and say which", async () => {
    await using fixture = await startFixture();
    const { api } = fixture;
    await api.call("POST", "/1.0/profiles", { name: "a" });
    await fixture.create("c1", [], { profiles: ["default", "a"], config: { "raw.lxc": "" } });
    const [status, error] = await api.refusal("PUT", "/1.0/profiles/a", { config: { "raw.lxc": "lxc.weird=1" } });
    expect(status).toBe(500);
    expect(error.replace(/lxd_config_\d+/, "N")).toBe(
      'The following instances failed to update (profile change still saved):\n - Project: default, Instance: c1: Failed to load config file "/tmp/N": loading config file for the container failed\n',
    );
    expect((await api.get<Profile>("/1.0/profiles/a")).config).toEqual({ "raw.lxc": "lxc.weird=1" });
  });

  it("plug their devices into running users", async () => {
    await using fixture = await startFixture();
    await fixture.api.call("POST", "/1.0/profiles", { name: "a" });
    await fixture.create("c1", sleepingApp, { profiles: ["default", "a"] });
    await fixture.start("c1");
    const devices = { etc: { type: "disk", source: "/etc", path: "/mnt" } };
    await fixture.api.call("PUT", "/1.0/profiles/a", { devices });
    expect((await fixture.exec("c1", ["test", "-e", "/mnt/hostname"])).code).toBe(0);
  });

  it.each([
    [
      "POST",
      "/1.0/profiles",
      { name: "default" },
      500,
      'Error inserting "default" into database: The profile already exists',
    ],
    ["POST", "/1.0/profiles", { name: "a/b" }, 400, "Profile names may not contain slashes"],
    ["POST", "/1.0/profiles", { name: "a", config: { nokey: "1" } }, 400, "Unknown configuration key: nokey"],
    ["PUT", "/1.0/profiles/default", { config: { nokey: "1" } }, 500, "Unknown configuration key: nokey"],
    ["PUT", "/1.0/profiles/nope", {}, 404, 'Failed to retrieve profile "nope": Profile not found'],
    ["POST", "/1.0/profiles/default", { name: "x" }, 403, 'The "default" profile cannot be renamed'],
  ])("%s %s %j is refused with %i %s", async (method, path, body, status, error) => {
    await using fixture = await startFixture();
    expect(await fixture.api.refusal(method, path, body)).toEqual([status, error]);
  });
});

describe("projects", () => {
  it("have instances and profiles of their own", async () => {
    await using fixture = await startFixture();
    const { api } = fixture;
    await api.call("POST", "/1.0/projects", { name: "other", config: { "features.images": "false" } });
    const root = { root: { type: "disk", path: "/", pool: "default" } };
    const body = { name: "c1", source: { type: "image", alias: "busybox" }, devices: root };
    await api.must("POST", "/1.0/instances?project=other", body);
    await fixture.create("c1");
    expect(await api.get("/1.0/instances?project=other")).toEqual(["/1.0/instances/c1?project=other"]);
    expect(await api.get("/1.0/instances?all-projects=true")).toHaveLength(2);
    expect(await api.get("/1.0/profiles?project=other")).toEqual(["/1.0/profiles/default?project=other"]);
    expect(await api.refusal("DELETE", "/1.0/projects/other")).toEqual([500, "Only empty projects can be removed"]);
    await api.must("DELETE", "/1.0/instances/c1?project=other");
    expect((await api.call("DELETE", "/1.0/projects/other")).status_code).toBe(200);
  });
});
