import { expect, it } from "vitest";
import { startFakeLxd } from "../fake.ts";
import { Api } from "../testing/api.ts";

it("answers with all seven keys of the envelope, errors with two line breaks", async () => {
  await using fake = await startFakeLxd();
  const api = new Api(fake.socketPath);
  const good = await api.raw("GET", "/");
  expect(good.text).toBe(
    '{"type":"sync","status":"Success","status_code":200,"operation":"","error_code":0,"error":"","metadata":["/1.0"]}\n',
  );
  const bad = await api.raw("GET", "/1.0/nope");
  expect(bad.status).toBe(404);
  expect(bad.headers["x-content-type-options"]).toBe("nosniff");
  expect(bad.text).toBe(
    '{"type":"error","status":"","status_code":0,"operation":"","error_code":404,"error":"not found","metadata":null}\n\n',
  );
});

it.each([
  ["GET", "/1.0/", 404, "not found"],
  ["DELETE", "/1.0/instances", 501, "not implemented"],
  ["PROPFIND", "/1.0/instances", 404, 'Method "PROPFIND" not found'],
  ["GET", "/1.0/instances/nope", 404, "Instance not found"],
  ["GET", "/1.0/images/aliases/nope", 404, "Image alias not found"],
  ["GET", "/1.0/profiles/nope", 404, "Fetch profile: Profile not found"],
  ["GET", "/1.0/networks/nope/leases", 404, "Failed loading network: Network not found"],
  ["GET", "/1.0/networks/nope/state", 404, 'Network interface "nope" not found'],
  ["GET", "/1.0/operations/nope", 404, "Operation not found"],
  ["GET", "/1.0/cluster/members", 500, "Server is not clustered"],
  ["GET", "/1.0/events?type=weird", 500, `"weird" isn't a supported event type`],
  ["DELETE", "/1.0/profiles/default", 403, 'The "default" profile cannot be deleted'],
] as const)("%s %s is refused with %i %s", async (method, path, status, error) => {
  await using fake = await startFakeLxd();
  expect(await new Api(fake.socketPath).refusal(method, path)).toEqual([status, error]);
});

it("checks the ETag when one is sent, and only then", async () => {
  await using fake = await startFakeLxd();
  const api = new Api(fake.socketPath);
  const { headers } = await api.raw("GET", "/1.0/profiles/default");
  const etag = String(headers["etag"]);
  const change = { description: "new" };
  expect((await api.call("PATCH", "/1.0/profiles/default", change, { "if-match": '"abc"' })).error_code).toBe(412);
  expect((await api.call("PATCH", "/1.0/profiles/default", change, { "if-match": etag })).status_code).toBe(200);
  expect((await api.call("PATCH", "/1.0/profiles/default", change, { "if-match": etag })).error).toMatch(
    /^ETag doesn't match: [0-9a-f]{64} vs [0-9a-f]{64}$/,
  );
  expect((await api.call("PATCH", "/1.0/profiles/default", change)).status_code).toBe(200);
});
