import { expect, test } from "vitest";
import { createLxdClient } from "../client.ts";
import { isLxdError, LxdError } from "../errors.ts";
import { failure, scriptedServer, success } from "../testing/scripted-server.ts";

const server = { api_extensions: [], environment: { server: "lxd" } };
const getServer = { method: "GET", path: "/1.0" } as const;

test("an answer that is not JSON, not an object or of no known type is 'protocol'", async () => {
  const bodies = ["{", "[]", '{"type":"other"}', "", "<html>"];
  await using lxd = await scriptedServer(() => ({ body: bodies.shift() }));
  await using client = lxd.client();
  while (bodies.length > 0) await expect(client.request(getServer)).rejects.toMatchObject({ code: "protocol" });
});

test("an answer of another shape than its type says is 'protocol', with what was asked", async () => {
  await using lxd = await scriptedServer(() => success({ surprise: true }));
  await using client = lxd.client();
  await expect(client.instances.get("x")).rejects.toMatchObject({ code: "protocol", request: "GET /1.0/instances/x" });
  await expect(client.instances.list()).rejects.toMatchObject({ code: "protocol" });
  await expect(client.instances.create({ name: "x", source: { type: "none" } })).rejects.toMatchObject({
    code: "protocol",
  });
});

test("an HTTP error without an envelope goes by its status", async () => {
  await using lxd = await scriptedServer(() => ({ status: 503, body: "busy elsewhere" }));
  await using client = lxd.client();
  await expect(client.request(getServer)).rejects.toMatchObject({ code: "unavailable", httpStatus: 503 });
});

test("an error inside an HTTP 200 is an error", async () => {
  await using lxd = await scriptedServer(() => failure(404, "Operation not found", 200));
  await using client = lxd.client();
  await expect(client.request(getServer)).rejects.toMatchObject({ code: "not-found", httpStatus: 404 });
});

test("the project goes with every request, but not with one for all projects", async () => {
  await using lxd = await scriptedServer(() => success([]));
  await using client = lxd.client({ project: "my project", userAgent: "tester/1" });
  await client.instances.list();
  await client.instances.list({ allProjects: true });
  expect(lxd.requests.map(({ query }) => query.get("project"))).toEqual(["my project", null]);
  expect(lxd.requests[1]?.query.get("all-projects")).toBe("true");
  expect(lxd.requests[0]?.headers["user-agent"]).toBe("tester/1");
});

test("names are encoded into the path", async () => {
  await using lxd = await scriptedServer(() => success({ target: "f" }));
  await using client = lxd.client();
  await client.images.aliases.get("a/b c:d?e");
  expect(lxd.requests[0]?.what).toBe("GET /1.0/images/aliases/a%2Fb%20c%3Ad%3Fe");
});

test("a GET on a connection that turns out dead is sent once more, a POST is not", async () => {
  let cuts = 1;
  await using lxd = await scriptedServer(() => (cuts-- > 0 ? { cut: true } : success(server)));
  await using client = lxd.client();
  expect(await client.server.get()).toMatchObject(server);
  expect(lxd.requests).toHaveLength(2);
  cuts = 1;
  await expect(client.profiles.create({ name: "p" })).rejects.toMatchObject({ code: "unavailable" });
  expect(lxd.count("POST /1.0/profiles")).toBe(1);
});

test("a GET that is cut twice is 'unavailable'", async () => {
  await using lxd = await scriptedServer(() => ({ cut: true }));
  await using client = lxd.client();
  await expect(client.server.get()).rejects.toMatchObject({ code: "unavailable" });
  expect(lxd.requests).toHaveLength(2);
});

test("a server that is not there is 'unavailable'", async () => {
  await using client = createLxdClient({ socketPath: "/nonexistent/unix.socket" });
  const error: unknown = await client.server.get().catch((reason: unknown) => reason);
  expect(isLxdError(error, "unavailable")).toBe(true);
  expect(error).toMatchObject({ request: "GET /1.0", cause: { code: "ENOENT" } });
});

test("aborting rejects with 'cancelled', a passed time limit with 'timeout', both with the reason", async () => {
  await using lxd = await scriptedServer(() => new Promise(() => {}));
  const client = lxd.client();
  const controller = new AbortController();
  const asking = client.server.get({ signal: controller.signal });
  await expect.poll(() => lxd.requests.length).toBe(1);
  controller.abort("enough");
  await expect(asking).rejects.toMatchObject({ code: "cancelled", cause: "enough" });
  await expect(client.server.get({ signal: AbortSignal.timeout(1) })).rejects.toMatchObject({ code: "timeout" });
  await expect(client.server.get({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
  await client.destroy();
});

test("a server that does not answer in time is 'timeout'", async () => {
  await using lxd = await scriptedServer(() => new Promise(() => {}));
  const client = lxd.client({ limits: { readTimeoutMs: 50 } });
  await expect(client.server.get()).rejects.toMatchObject({ code: "timeout" });
  await client.destroy();
});

test("errors of another copy of this package are recognised, others are not", () => {
  const foreign = Object.defineProperty(new Error("x"), Symbol.for("@lxe/lxd-client/LxdError"), { value: true });
  expect(isLxdError(Object.assign(foreign, { code: "busy" }), "busy")).toBe(true);
  expect(isLxdError(new LxdError("busy", "x"), "conflict")).toBe(false);
  expect(isLxdError(new Error("x"))).toBe(false);
});
