import { describe, expect, test } from "vitest";
import { createInstance } from "./instance.ts";
import { type SuiteTarget, uniqueName } from "./target.ts";

export function objectsSuite(target: SuiteTarget): void {
  describe("profiles", () => {
    test("are created, modified with their ETag, renamed and deleted", async () => {
      await using client = target.client();
      const { profiles } = client;
      const name = uniqueName("profile");
      await profiles.create({ name, config: { "user.a": "1" }, description: "first" });
      await expect(profiles.create({ name })).rejects.toMatchObject({ code: "already-exists" });
      await profiles.modify(name, (current) => ({ ...current, config: { ...current.config, "user.b": "2" } }));
      const { value } = await profiles.get(name);
      expect(value).toMatchObject({
        name,
        description: "first",
        config: { "user.a": "1", "user.b": "2" },
        used_by: [],
      });
      expect((await profiles.list()).map((profile) => profile.name)).toEqual(expect.arrayContaining(["default", name]));
      await profiles.rename(name, `${name}-2`);
      await profiles.delete(`${name}-2`);
      await expect(profiles.get(`${name}-2`)).rejects.toMatchObject({ code: "not-found" });
    });

    test("the default one cannot be deleted", async () => {
      await using client = target.client();
      await expect(client.profiles.delete("default")).rejects.toMatchObject({ code: "forbidden" });
    });
  });

  describe("networks", () => {
    test("the managed bridge has an address, a state and a lease for its gateway", async () => {
      await using client = target.client();
      const bridge = (await client.networks.list()).find((network) => network.managed && network.type === "bridge");
      expect(bridge?.config["ipv4.address"]).toMatch(/^[\d.]+\/\d+$/);
      const name = bridge?.name ?? "";
      expect((await client.networks.get(name)).value).toMatchObject({ name, status: "Created" });
      expect((await client.networks.state(name)).addresses.map(({ family }) => family)).toContain("inet");
      await using instance = await createInstance(target, client, {
        devices: { eth0: { type: "nic", nictype: "bridged", parent: name } },
      });
      expect((await client.networks.get(name)).value.used_by).toContain(`/1.0/instances/${instance.name}`);
      const leases = await client.networks.leases(name);
      expect(leases.map(({ type }) => type)).toContain("gateway");
    });

    test("are created, modified and deleted", async () => {
      await using client = target.client();
      const { networks } = client;
      const name = uniqueName("lx").replace("-", "");
      const config = { "ipv4.address": "none", "ipv6.address": "none" };
      await networks.create({ name, type: "bridge", description: "d", config });
      await expect(networks.create({ name, config })).rejects.toMatchObject({ code: "already-exists" });
      await networks.modify(name, (current) => ({ ...current, config: { ...current.config, "user.a": "1" } }));
      const { value, etag } = await networks.get(name);
      expect(value).toMatchObject({ name, description: "d", config: { ...config, "user.a": "1" } });
      await networks.update(name, { description: "e", config }, { etag });
      await expect(networks.update(name, { config }, { etag })).rejects.toMatchObject({ code: "conflict" });
      await networks.delete(name);
      await expect(networks.get(name)).rejects.toMatchObject({ code: "not-found" });
    });
  });

  describe("storage", () => {
    test("pools are listed and tell their space", async () => {
      await using client = target.client();
      expect((await client.storage.list()).map(({ name }) => name)).toContain("default");
      expect((await client.storage.get("default")).status).toBe("Created");
      const { space, inodes } = await client.storage.resources("default");
      expect(space.total).toBeGreaterThan(space.used);
      expect(inodes.total).toBeGreaterThan(0);
    });

    test("pools are created and deleted", async () => {
      await using client = target.client();
      const name = uniqueName("pool");
      await client.storage.create({ name, driver: "dir", config: {} });
      expect(await client.storage.get(name)).toMatchObject({ name, driver: "dir", status: "Created" });
      await client.storage.delete(name);
      await expect(client.storage.get(name)).rejects.toMatchObject({ code: "not-found" });
    });

    test("custom volumes are created, listed and deleted", async () => {
      await using client = target.client();
      const { volumes } = client.storage;
      const name = uniqueName("volume");
      await volumes.create("default", { name, description: "d" });
      expect(await volumes.get("default", "custom", name)).toMatchObject({
        name,
        type: "custom",
        content_type: "filesystem",
      });
      expect((await volumes.list("default")).map((volume) => volume.name)).toContain(name);
      // a directory has no usage of its own
      await expect(volumes.state("default", "custom", name)).rejects.toMatchObject({ code: "failed", httpStatus: 500 });
      await expect(volumes.create("default", { name })).rejects.toMatchObject({ code: "already-exists" });
      await volumes.delete("default", name);
      await expect(volumes.get("default", "custom", name)).rejects.toMatchObject({ code: "not-found" });
    });
  });

  describe("projects", () => {
    test("are created, listed, changed and deleted", async () => {
      await using client = target.client();
      const { projects } = client;
      const name = uniqueName("project");
      await projects.create({ name, description: "d", config: { "features.images": "false" } });
      const { value, etag } = await projects.get(name);
      expect(value).toMatchObject({ name, description: "d" });
      await projects.update(name, { description: "e", config: value.config }, { etag });
      expect((await projects.list()).find((project) => project.name === name)?.description).toBe("e");
      await projects.delete(name);
      await expect(projects.get(name)).rejects.toMatchObject({ code: "not-found" });
    });
  });
}
