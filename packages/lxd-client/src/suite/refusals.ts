/** What LXD says no to, endpoint by endpoint: with which HTTP status, and as which code that reaches callers. */
import { describe, expect, test } from "vitest";
import type { LxdClient } from "../api/client.ts";
import type { LxdErrorCode } from "../errors.ts";
import { createInstance } from "./instance.ts";
import { type SuiteTarget, uniqueName } from "./target.ts";

type Refusal = readonly [
  what: string,
  call: (client: LxdClient) => Promise<unknown>,
  code: LxdErrorCode,
  httpStatus: number | undefined,
];

const NAME = "no-such-thing";
const DIGITS = "f".repeat(64);
const OPERATION = "00000000-0000-4000-8000-000000000000";

/** An operation that fails has no status. */
const missing: readonly Refusal[] = [
  ["an instance", ({ instances }) => instances.get(NAME), "not-found", 404],
  ["an instance to change", ({ instances }) => instances.update(NAME, {}), "not-found", 404],
  ["an instance to patch", ({ instances }) => instances.patch(NAME, { description: "" }), "not-found", 404],
  ["an instance to rename", ({ instances }) => instances.rename(NAME, "other"), "not-found", 404],
  ["an instance to delete", ({ instances }) => instances.delete(NAME), "not-found", 404],
  ["an instance's state", ({ instances }) => instances.state(NAME), "not-found", 404],
  ["an instance to start", ({ instances }) => instances.setState(NAME, { action: "start" }), "not-found", 404],
  ["an instance to run in", ({ instances }) => instances.execCapture(NAME, { command: ["true"] }), "not-found", 404],
  ["an instance's console", ({ instances }) => instances.console(NAME), "not-found", 404],
  ["an instance's console log", ({ instances }) => instances.consoleLog(NAME), "not-found", 404],
  ["an instance of files", ({ instances }) => instances.files.get(NAME, "/x"), "not-found", 404],
  ["an instance to write to", ({ instances }) => instances.files.put(NAME, "/x", { content: "" }), "not-found", 404],
  ["an instance to delete from", ({ instances }) => instances.files.delete(NAME, "/x"), "not-found", 404],
  ["an instance of logs", ({ instances }) => instances.logs.list(NAME), "not-found", 404],
  ["an instance of a log", ({ instances }) => instances.logs.get(NAME, "lxc.log"), "not-found", 404],
  ["an instance of snapshots", ({ instances }) => instances.snapshots.list(NAME), "not-found", 404],
  ["an instance to copy", ({ instances }) => instances.snapshots.create(NAME, { name: "s" }), "not-found", 404],
  ["a snapshot", ({ instances }) => instances.snapshots.delete(NAME, "s"), "not-found", 404],
  ["an image", ({ images }) => images.get(DIGITS), "not-found", 404],
  ["an image to change", ({ images }) => images.update(DIGITS, {}), "not-found", 404],
  ["an image to patch", ({ images }) => images.patch(DIGITS, {}), "not-found", 404],
  ["an image to delete", ({ images }) => images.delete(DIGITS), "not-found", 404],
  ["an image to export", ({ images }) => images.export(DIGITS), "not-found", 404],
  ["an alias", ({ images }) => images.aliases.get(NAME), "not-found", 404],
  ["an alias to move", ({ images }) => images.aliases.update(NAME, { target: DIGITS }), "not-found", 404],
  ["an alias to delete", ({ images }) => images.aliases.delete(NAME), "not-found", 404],
  ["an alias' image", ({ images }) => images.aliases.create({ name: NAME, target: DIGITS }), "not-found", 404],
  ["a profile", ({ profiles }) => profiles.get(NAME), "not-found", 404],
  ["a profile to change", ({ profiles }) => profiles.update(NAME, {}), "not-found", 404],
  ["a profile to delete", ({ profiles }) => profiles.delete(NAME), "not-found", 404],
  ["a network", ({ networks }) => networks.get(NAME), "not-found", 404],
  ["a network to change", ({ networks }) => networks.update(NAME, {}), "not-found", 404],
  ["a network to delete", ({ networks }) => networks.delete(NAME), "not-found", 404],
  ["a network's state", ({ networks }) => networks.state(NAME), "not-found", 404],
  ["a network's leases", ({ networks }) => networks.leases(NAME), "not-found", 404],
  ["a pool", ({ storage }) => storage.get(NAME), "not-found", 404],
  ["a pool to delete", ({ storage }) => storage.delete(NAME), "not-found", 404],
  ["a pool's space", ({ storage }) => storage.resources(NAME), "not-found", 500],
  ["a pool of volumes", ({ storage }) => storage.volumes.list(NAME), "not-found", 404],
  ["a volume", ({ storage }) => storage.volumes.get("default", "custom", NAME), "not-found", 404],
  ["a volume's state", ({ storage }) => storage.volumes.state("default", "custom", NAME), "not-found", 404],
  ["a volume to delete", ({ storage }) => storage.volumes.delete("default", NAME), "not-found", 404],
  ["a pool for a volume", ({ storage }) => storage.volumes.create(NAME, { name: "v" }), "not-found", 404],
  ["a project", ({ projects }) => projects.get(NAME), "not-found", 404],
  ["a project to change", ({ projects }) => projects.update(NAME, { description: "", config: {} }), "not-found", 404],
  ["a project to delete", ({ projects }) => projects.delete(NAME), "not-found", 404],
  ["an operation", ({ operations }) => operations.get(OPERATION), "not-found", 404],
  ["an operation to cancel", ({ operations }) => operations.cancel(OPERATION), "not-found", 404],
];

/** What is there already, or cannot be so. */
const wrong: readonly Refusal[] = [
  ["an action", ({ request }) => putState(request, "dance"), "not-found", 404],
  ["a profile's name", ({ profiles }) => profiles.create({ name: "a/b" }), "invalid", 400],
  ["a profile's key", ({ profiles }) => profiles.create({ name: NAME, config: { bogus: "1" } }), "invalid", 400],
  ["a profile that is there", ({ profiles }) => profiles.create({ name: "default" }), "already-exists", undefined],
  ["the default profile's name", ({ profiles }) => profiles.rename("default", "other"), "forbidden", 403],
  ["a network's name", ({ networks }) => networks.create({ name: "much-too-long-a-name" }), "invalid", 400],
  ["a network's key", ({ networks }) => networks.create({ name: "lxesuite0", config: { bogus: "1" } }), "failed", 500],
  ["a pool's driver", ({ storage }) => storage.create({ name: NAME, driver: "bogus" }), "failed", 500],
  ["a pool that is there", ({ storage }) => storage.create({ name: "default", driver: "dir" }), "already-exists", 409],
  ["a volume's name", ({ storage }) => storage.volumes.create("default", { name: "" }), "invalid", 400],
  ["a project's name", ({ projects }) => projects.create({ name: "" }), "invalid", 400],
  ["a project that is there", ({ projects }) => projects.create({ name: "default" }), "already-exists", 409],
  ["the default project to delete", ({ projects }) => projects.delete("default"), "forbidden", 403],
  ["an alias without a target", ({ images }) => images.aliases.create({ name: NAME, target: "" }), "invalid", 400],
  [
    "an instance's body",
    ({ request }) => request({ method: "POST", path: "/1.0/instances", body: [] }),
    "invalid",
    400,
  ],
];

function putState(request: LxdClient["request"], action: string): Promise<unknown> {
  return request({ method: "PUT", path: `/1.0/instances/${NAME}/state`, body: { action } });
}

export function refusalsSuite(target: SuiteTarget): void {
  describe("refusals", () => {
    test.for([...missing, ...wrong])("$0", async ([, call, code, httpStatus]) => {
      await using client = target.client();
      await expect(call(client)).rejects.toMatchObject({ code, ...(httpStatus !== undefined && { httpStatus }) });
    });

    test("a stale ETag is a 'conflict' for whatever has one", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const etag = "0".repeat(64);
      const name = uniqueName("refusal");
      await client.profiles.create({ name });
      await client.projects.create({ name });
      const { fingerprint } = (await client.images.list())[0] ?? { fingerprint: "" };
      const alias = await target.image();
      const conflict = { code: "conflict", httpStatus: 412 };
      await expect(client.instances.patch(instance.name, { description: "x" }, { etag })).rejects.toMatchObject(
        conflict,
      );
      await expect(client.profiles.update(name, {}, { etag })).rejects.toMatchObject(conflict);
      await expect(client.projects.update(name, { description: "", config: {} }, { etag })).rejects.toMatchObject(
        conflict,
      );
      await expect(client.images.patch(fingerprint, {}, { etag })).rejects.toMatchObject(conflict);
      await expect(client.images.aliases.update(alias, { target: fingerprint }, { etag })).rejects.toMatchObject(
        conflict,
      );
      await client.profiles.delete(name);
      await client.projects.delete(name);
    });

    test("what is in use stays", async () => {
      await using client = target.client();
      const name = uniqueName("refusal");
      await client.profiles.create({ name });
      const instance = await createInstance(target, client, { profiles: ["default", name] });
      await expect(client.profiles.delete(name)).rejects.toMatchObject({ code: "in-use" });
      await expect(client.storage.delete("default")).rejects.toMatchObject({ code: "in-use" });
      await instance[Symbol.asyncDispose]();
      await client.profiles.delete(name);
    });
  });
}
