import type { StoragePool, StoragePoolResources } from "@lxe/lxd-client";
import { expect, it } from "vitest";
import { sleepingApp, startFixture } from "../../testing/fixture.ts";

const volumes = "/1.0/storage-pools/default/volumes/custom";

it("keeps what a container writes to a custom volume, as the container's own", async () => {
  await using fixture = await startFixture();
  const { api } = fixture;
  await api.call("POST", volumes, { name: "v" });
  const devices = { data: { type: "disk", pool: "default", source: "v", path: "/data" } };
  await fixture.create("c1", sleepingApp, { devices });
  await fixture.start("c1");
  expect((await fixture.exec("c1", ["sh", "-c", "echo kept > /data/f; stat -c %u /data/f"])).stdout).toBe("0\n");
  expect(await api.refusal("DELETE", `${volumes}/v`)).toEqual([400, "The storage volume is still in use"]);
  await api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
  await api.must("DELETE", "/1.0/instances/c1");
  await fixture.create("c2", sleepingApp, { devices });
  await fixture.start("c2");
  expect((await fixture.exec("c2", ["cat", "/data/f"])).stdout).toBe("kept\n");
});

it("counts images and instances as used space, and knows who uses a pool", async () => {
  await using fixture = await startFixture();
  const { api } = fixture;
  const used = async () => (await api.get<StoragePoolResources>("/1.0/storage-pools/default/resources")).space.used;
  const before = await used();
  await fixture.create("c1");
  await api.raw("POST", "/1.0/instances/c1/files?path=/root/f", "x".repeat(100_000));
  expect((await used()) - before).toBeGreaterThanOrEqual(100_000);
  expect((await api.get<StoragePool>("/1.0/storage-pools/default")).used_by).toEqual([
    "/1.0/instances/c1",
    "/1.0/profiles/default",
  ]);
});

it.each([
  ["POST", "/1.0/storage-pools", { name: "s" }, 400, "No driver provided"],
  ["POST", "/1.0/storage-pools", { name: "s", driver: "weird" }, 500, "Unknown driver"],
  ["POST", volumes, { name: "v", config: { weird: "x" } }, 500, 'Invalid option for volume "default_v" option "weird"'],
  ["DELETE", "/1.0/storage-pools/default", undefined, 400, "The storage pool is currently in use"],
  ["GET", `${volumes}/nope`, undefined, 404, "Storage pool volume not found"],
])("%s %s %j is refused with %i %s", async (method, path, body, status, error) => {
  await using fixture = await startFixture();
  expect(await fixture.api.refusal(method, path, body)).toEqual([status, error]);
});
