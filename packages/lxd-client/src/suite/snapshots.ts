import { describe, expect, test } from "vitest";
import { createInstance, startInstance } from "./instance.ts";
import type { SuiteTarget } from "./target.ts";

export function snapshotsSuite(target: SuiteTarget): void {
  describe("snapshots", () => {
    test("keep configuration, which a restoration brings back", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client, { config: { "user.colour": "blue" } });
      const { name } = instance;
      const { snapshots } = client.instances;
      await snapshots.create(name, { name: "one" });
      expect(await snapshots.list(name)).toMatchObject([{ name: "one", config: { "user.colour": "blue" } }]);
      await expect(snapshots.create(name, { name: "one" })).rejects.toMatchObject({ code: "already-exists" });
      await client.instances.patch(name, { config: { "user.colour": "red" } });
      await snapshots.restore(name, "one");
      expect((await client.instances.get(name)).value.config["user.colour"]).toBe("blue");
      await snapshots.delete(name, "one");
      expect(await snapshots.list(name)).toEqual([]);
      await expect(snapshots.delete(name, "one")).rejects.toMatchObject({ code: "not-found" });
    });

    test("keep files, also of a running instance", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { name } = instance;
      const { files, snapshots } = client.instances;
      await files.put(name, "/root/kept", { content: "1" });
      await snapshots.create(name, { name: "one" });
      await files.delete(name, "/root/kept");
      await client.instances.setState(name, { action: "stop", force: true });
      await snapshots.restore(name, "one");
      expect(await files.get(name, "/root/kept")).toMatchObject({ type: "file" });
    });

    test("one that is missing cannot be restored", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      await expect(client.instances.snapshots.restore(instance.name, "none")).rejects.toMatchObject({
        name: "LxdError",
      });
    });
  });
}
