import { describe, expect, test } from "vitest";
import { StatusCode } from "../schema/index.ts";
import { createInstance, startInstance } from "./instance.ts";
import { type SuiteTarget, uniqueName } from "./target.ts";

export function instancesSuite(target: SuiteTarget): void {
  describe("instances", () => {
    test("are created stopped, with what was asked for, and can be read", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client, {
        description: "for a test",
        config: { "user.colour": "blue" },
      });
      const { value, etag } = await client.instances.get(instance.name);
      expect(value).toMatchObject({
        name: instance.name,
        type: "container",
        status: "Stopped",
        status_code: StatusCode.stopped,
        description: "for a test",
        profiles: ["default"],
        project: "default",
        ephemeral: false,
      });
      expect(value.config["user.colour"]).toBe("blue");
      expect(value.expanded_devices["root"]).toMatchObject({ type: "disk", path: "/" });
      expect(etag).toMatch(/^[0-9a-f]{64}$/);
    });

    test("are listed as names, objects and objects with state", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const { name } = instance;
      expect(await client.instances.list({ recursion: 0 })).toContain(name);
      expect((await client.instances.list()).map((one) => one.name)).toContain(name);
      const full = (await client.instances.list({ recursion: 2 })).find((one) => one.name === name);
      expect(full?.state).toMatchObject({ status: "Stopped", pid: 0, network: null });
    });

    test("are listed by a filter on user keys", async () => {
      await using client = target.client();
      await using mine = await createInstance(target, client, { config: { "user.suite": "mine" } });
      await using other = await createInstance(target, client, { config: { "user.suite": "other" } });
      const names = (await client.instances.list({ filter: "config.user.suite eq mine" })).map(({ name }) => name);
      expect(names).toContain(mine.name);
      expect(names).not.toContain(other.name);
    });

    test("start, have a pid and processes, and stop by force", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const { name } = instance;
      await client.instances.setState(name, { action: "start" });
      const running = await client.instances.state(name);
      expect(running).toMatchObject({ status: "Running", status_code: StatusCode.running });
      expect(running.pid).toBeGreaterThan(1);
      expect(running.processes).toBeGreaterThan(0);
      await client.instances.setState(name, { action: "stop", force: true });
      expect(await client.instances.state(name)).toMatchObject({ status: "Stopped", pid: 0 });
    });

    test("freeze and thaw", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      await client.instances.setState(instance.name, { action: "freeze" });
      expect(await client.instances.state(instance.name)).toMatchObject({ status: "Frozen" });
      await client.instances.setState(instance.name, { action: "unfreeze" });
      expect(await client.instances.state(instance.name)).toMatchObject({ status: "Running" });
    });

    test("reject with a code that says which state they are in", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const { name } = instance;
      const act = (action: "start" | "stop" | "freeze") => client.instances.setState(name, { action, force: true });
      await expect(act("stop")).rejects.toMatchObject({ code: "already-stopped" });
      await expect(act("freeze")).rejects.toMatchObject({ code: "not-running" });
      await expect(client.instances.execCapture(name, { command: ["true"] })).rejects.toMatchObject({
        code: "not-running",
      });
      await act("start");
      await expect(act("start")).rejects.toMatchObject({ code: "already-running" });
      await expect(client.instances.delete(name)).rejects.toMatchObject({ code: "already-running" });
    });

    test("stay as they are when they run, and a start is refused: also its time, and what LXD has noted of their power", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { value: before } = await client.instances.get(instance.name);
      await expect(client.instances.setState(instance.name, { action: "start" })).rejects.toMatchObject({
        code: "already-running",
      });
      const { value: after } = await client.instances.get(instance.name);
      expect(before.config["volatile.last_state.power"]).toBe("RUNNING");
      expect([after.last_used_at, after.config]).toEqual([before.last_used_at, before.config]);
    });

    test("a taken name is 'already-exists', an unknown image or instance 'not-found', a bad name 'invalid'", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const source = { type: "image", alias: await target.image() } as const;
      await expect(client.instances.create({ name: instance.name, source })).rejects.toMatchObject({
        code: "already-exists",
      });
      await expect(
        client.instances.create({ name: uniqueName("suite"), source: { type: "image", alias: "no-such-alias" } }),
      ).rejects.toMatchObject({ code: "not-found" });
      await expect(client.instances.get(uniqueName("gone"))).rejects.toMatchObject({ code: "not-found" });
      await expect(client.instances.create({ name: "not_allowed", source })).rejects.toMatchObject({ code: "invalid" });
    });

    test("a patch merges config, deletes keys by an empty value and leaves the description alone", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client, {
        description: "stays",
        config: { "user.keep": "1", "user.drop": "1" },
      });
      await client.instances.patch(instance.name, { config: { "user.drop": "", "user.new": "2" } });
      const { value } = await client.instances.get(instance.name);
      expect(value.description).toBe("stays");
      expect(value.config).toMatchObject({ "user.keep": "1", "user.new": "2" });
      expect(value.config).not.toHaveProperty(["user.drop"]);
    });

    test("a write with a stale ETag is a 'conflict'", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const { value, etag } = await client.instances.get(instance.name);
      await client.instances.patch(instance.name, { config: { "user.other": "wrote" } });
      const { architecture, config, devices, ephemeral, profiles, description } = value;
      const body = { architecture, config, devices, ephemeral, profiles, description };
      await expect(client.instances.update(instance.name, body, { etag })).rejects.toMatchObject({
        code: "conflict",
        httpStatus: 412,
      });
    });

    test("concurrent modifications all arrive", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const keys = ["user.a", "user.b", "user.c", "user.d"];
      await Promise.all(
        keys.map((key) =>
          client.instances.modify(instance.name, (current) => ({
            ...current,
            config: { ...current.config, [key]: "1" },
          })),
        ),
      );
      const { value } = await client.instances.get(instance.name);
      expect(Object.keys(value.config)).toEqual(expect.arrayContaining(keys));
    });

    test("a modification that changes nothing writes nothing", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const before = await client.instances.get(instance.name);
      await client.instances.modify(instance.name, () => undefined);
      expect((await client.instances.get(instance.name)).etag).toBe(before.etag);
    });

    test("are renamed and deleted", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const newName = uniqueName("renamed");
      await client.instances.rename(instance.name, newName);
      await expect(client.instances.get(instance.name)).rejects.toMatchObject({ code: "not-found" });
      await client.instances.delete(newName);
      await expect(client.instances.get(newName)).rejects.toMatchObject({ code: "not-found" });
    });

    test("a start right behind a forced stop waits until the instance is not busy", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { name } = instance;
      const stopping = client.instances.setState(name, { action: "stop", force: true });
      await stopping;
      await client.instances.setState(name, { action: "start" });
      expect(await client.instances.state(name)).toMatchObject({ status: "Running" });
    });

    test("write a log whose lines can be read", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const files = await client.instances.logs.list(instance.name);
      expect(files).toEqual(expect.arrayContaining(["lxc.conf", "lxc.log"]));
      expect((await client.instances.logs.get(instance.name, "lxc.conf")).toString()).toContain("lxc.");
      await expect(client.instances.logs.get(instance.name, "qemu.log")).rejects.toMatchObject({ code: "not-found" });
    });

    test("keep what a command wrote into a log until that is deleted", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { logs } = client.instances;
      const body = { command: ["echo", "recorded"], "record-output": true };
      const path = `/1.0/instances/${instance.name}/exec`;
      const { metadata } = await (await client.operations.start({ method: "POST", path, body })).wait();
      const { "1": url = "" } = (metadata?.["output"] ?? {}) as Record<string, string>;
      const file = url.slice(url.lastIndexOf("/") + 1);
      expect((await logs.get(instance.name, file)).toString()).toBe("recorded\n");
      await logs.delete(instance.name, file);
      await expect(logs.get(instance.name, file)).rejects.toMatchObject({ code: "not-found" });
      await expect(logs.delete(instance.name, "lxc.log")).rejects.toMatchObject({ code: "invalid" });
    });
  });
}
