import { describe, expect, test } from "vitest";
import { startInstance } from "./instance.ts";
import type { SuiteTarget } from "./target.ts";

export function serverSuite(target: SuiteTarget): void {
  describe("server", () => {
    test("says what it is and which extensions it has", async () => {
      await using client = target.client();
      const info = await client.server.info();
      const { server, flavor } = info;
      expect(server.auth).toBe("trusted");
      expect(server.environment?.server).toBe(flavor.name);
      expect(server.environment?.server_version).toMatch(/^\d+\.\d+/);
      expect(info.has("container_exec_user_group_cwd")).toBe(true);
      expect(info.has("no_such_extension")).toBe(false);
    });

    test("tells its CPUs and memory", async () => {
      await using client = target.client();
      const { cpu, memory } = await client.server.resources();
      expect(cpu.total).toBeGreaterThan(0);
      expect(memory.total).toBeGreaterThan(memory.used);
    });

    test("gives metrics as text with its own prefix", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { flavor } = await client.server.info();
      const series = new RegExp(`^${flavor.metricsPrefix}\\w+{.*name="${instance.name}"`, "m");
      // LXD remembers its metrics for some seconds.
      await expect.poll(() => client.server.metrics(), { timeout: 20_000, interval: 500 }).toMatch(series);
    });

    test("rejects with 'not-found' for a path that it does not have", async () => {
      await using client = target.client();
      const asking = client.request({ method: "GET", path: "/1.0/no-such-thing" });
      await expect(asking).rejects.toMatchObject({ code: "not-found", httpStatus: 404 });
    });
  });
}
