import { describe, expect, test } from "vitest";
import { createInstance } from "./instance.ts";
import type { SuiteTarget } from "./target.ts";

export function eventsSuite(target: SuiteTarget): void {
  describe("events", () => {
    test("a subscriber is told to list, then hears of every change of an instance", async () => {
      await using client = target.client();
      const seen: string[] = [];
      let resyncs = 0;
      using _subscription = client.events.subscribe({
        lifecycle: ({ metadata }) => seen.push(`${metadata.action} ${metadata.source.split("?")[0]}`),
        resync: () => resyncs++,
      });
      await expect.poll(() => resyncs).toBe(1);
      expect(client.events.connection).toEqual({ status: "connected" });

      await using instance = await createInstance(target, client);
      const { name } = instance;
      await client.instances.setState(name, { action: "start" });
      await client.instances.patch(name, { config: { "user.big": "x".repeat(20_000) } });
      await client.instances.setState(name, { action: "stop", force: true });
      await client.instances.delete(name);
      const actions = ["created", "started", "updated", "stopped", "deleted"];
      const expected = actions.map((action) => `instance-${action} /1.0/instances/${name}`);
      await expect.poll(() => seen).toEqual(expect.arrayContaining(expected));
    });

    test("a second subscriber of the same client is told to list too, and one that left hears nothing", async () => {
      await using client = target.client();
      let first = 0;
      let second = 0;
      const leaving = client.events.subscribe({ resync: () => first++, lifecycle: () => first++ });
      await expect.poll(() => first).toBe(1);
      using _staying = client.events.subscribe({ resync: () => second++, lifecycle: () => second++ });
      await expect.poll(() => second).toBe(1);
      leaving.close();
      await using _instance = await createInstance(target, client);
      await expect.poll(() => second).toBeGreaterThan(1);
      expect(first).toBe(1);
    });

    test("a program that ends by itself is a 'shutdown' without a requestor", async () => {
      await using client = target.client();
      const shutdowns: unknown[] = [];
      using _subscription = client.events.subscribe({
        lifecycle: ({ metadata }) =>
          metadata.action === "instance-shutdown" && shutdowns.push([metadata.source, metadata.requestor]),
      });
      await using instance = await createInstance(target, client, {
        config: { "raw.lxc": "lxc.init.cmd = /bin/sleep 2" },
      });
      await client.instances.setState(instance.name, { action: "start" });
      await expect
        .poll(() => shutdowns, { timeout: 10_000 })
        .toContainEqual([`/1.0/instances/${instance.name}`, undefined]);
      await expect.poll(async () => (await client.instances.state(instance.name)).status).toBe("Stopped");
    });
  });
}
