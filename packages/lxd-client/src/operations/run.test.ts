import { expect, test } from "vitest";
import { failed, failure, operation, scriptedServer, started, succeeded, success } from "../testing/scripted-server.ts";

const busy = 'Instance is busy running a "stop" operation';

test("a busy instance is asked again until it is free, whether the call or its operation says so", async () => {
  const answers = [
    () => failure(500, busy),
    () => started(failed("1", busy)),
    () =>
      started(
        failed("2", "Failed to create instance update operation: A matching non-reusable operation has now succeeded"),
      ),
    () => started(succeeded("3")),
  ];
  await using lxd = await scriptedServer(() => answers.shift()?.());
  await using client = lxd.client();
  expect(await client.instances.setState("x", { action: "start" })).toMatchObject({ id: "3" });
});

test("busy is given up after the time that the caller allows", async () => {
  await using lxd = await scriptedServer(() => started(failed("1", busy)));
  await using client = lxd.client();
  const call = client.instances.setState("x", { action: "start" }, { busyTimeoutMs: 1_000 });
  await expect(call).rejects.toMatchObject({ code: "busy" });
  expect(lxd.requests.length).toBeGreaterThan(1);
  const once = client.instances.delete("x", { busyTimeoutMs: 0 });
  await expect(once).rejects.toMatchObject({ code: "busy" });
  expect(lxd.count("DELETE /1.0/instances/x")).toBe(1);
});

test("busy is given up when the caller's signal aborts, with what was the matter as the cause", async () => {
  await using lxd = await scriptedServer(() => started(failed("1", busy)));
  await using client = lxd.client();
  const call = client.instances.setState("x", { action: "start" }, { signal: AbortSignal.timeout(30) });
  await expect(call).rejects.toMatchObject({ code: "timeout" });
});

test("calls that newer servers answer with an operation are waited for", async () => {
  await using lxd = await scriptedServer(({ what }) => {
    if (what === "POST /1.0/profiles") return started(operation("1"));
    if (what === "GET /1.0/operations/1") return success(failed("1", "The profile already exists"));
    return undefined;
  });
  await using client = lxd.client();
  await expect(client.profiles.create({ name: "p" })).rejects.toMatchObject({ code: "already-exists" });
});

test("a modification starts over on 412, with what was written meanwhile", async () => {
  let version = 1;
  const profile = () =>
    success({ name: "p", description: `v${version}`, config: {}, devices: {} }, { etag: `"e${version}"` });
  await using lxd = await scriptedServer(({ what, headers }) => {
    if (what.startsWith("GET")) return profile();
    if (headers["if-match"] === '"e3"') return success({});
    version++;
    return failure(412, "ETag doesn't match: a vs b");
  });
  await using client = lxd.client();
  await client.profiles.modify("p", ({ description }) => ({ description: `${description} changed` }));
  expect(JSON.parse(lxd.requests.at(-1)?.body ?? "")).toEqual({ description: "v3 changed" });
});

test("a modification gives up after attemptsMax conflicts", async () => {
  await using lxd = await scriptedServer(({ what }) =>
    what.startsWith("GET")
      ? success({ name: "p", config: {} }, { etag: '"e"' })
      : failure(412, "ETag doesn't match: a vs b"),
  );
  await using client = lxd.client();
  const call = client.profiles.modify("p", (current) => current, { attemptsMax: 3 });
  await expect(call).rejects.toMatchObject({ code: "conflict" });
  expect(lxd.count("PUT /1.0/profiles/p")).toBe(3);
});

test("a patch without a description sends the one that is there", async () => {
  await using lxd = await scriptedServer(({ what }) =>
    success(what.startsWith("GET") ? { name: "x", description: "kept" } : {}),
  );
  await using client = lxd.client();
  await client.instances.patch("x", { config: { a: "1" } });
  await client.instances.patch("x", { description: "new" });
  const sent = lxd.requests.filter(({ what }) => what.startsWith("PATCH")).map(({ body }): unknown => JSON.parse(body));
  expect(sent).toEqual([{ config: { a: "1" }, description: "kept" }, { description: "new" }]);
  expect(lxd.count("GET /1.0/instances/x")).toBe(1);
});
