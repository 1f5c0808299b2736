import { expect, test } from "vitest";
import { operation } from "../testing/scripted-server.ts";
import { errorFromOperation, errorFromReply, errorFromTransport } from "./classify.ts";

test.each([
  [404, "Instance not found", "not-found"],
  [404, "anything at all", "not-found"],
  [412, "ETag doesn't match: a vs b", "conflict"],
  [409, 'Alias "x" already exists', "already-exists"],
  [500, 'Error inserting "p" into database: The profile already exists', "already-exists"],
  [500, "Profile is currently in use", "in-use"],
  [500, "open : no such file or directory", "not-found"],
  [500, "Invalid filter", "failed"],
  [400, "Instance is running", "already-running"],
  [400, "Instance is not running", "not-running"],
  [400, "Instance is frozen", "not-running"],
  [400, "This operation can't be cancelled", "not-supported"],
  [400, "Invalid instance name", "invalid"],
  [400, 'Instance is busy running a "stop" operation', "busy"],
  [500, 'Instance is busy running a "stop" operation', "busy"],
  [403, "Forbidden", "forbidden"],
  [401, "", "forbidden"],
  [501, "not implemented", "not-supported"],
  [503, "LXD is shutting down", "unavailable"],
  [500, "LXD daemon setup in progress", "unavailable"],
  [502, "", "failed"],
] as const)("HTTP %i with %j is '%s'... as LXD 5 to 6 answer", (status, message, code) => {
  const error = errorFromReply("GET /1.0/x", status, message);
  expect(error).toMatchObject({ code, httpStatus: status, lxdMessage: message, request: "GET /1.0/x" });
});

test.each([
  ['Failed creating instance record: This "instances" entry already exists', "already-exists"],
  ["The instance is already running", "already-running"],
  ["The instance is already stopped", "already-stopped"],
  ["The container isn't running", "not-running"],
  ['Instance is busy running a "start" operation', "busy"],
  ["Failed to create instance update operation: A matching non-reusable operation has now succeeded", "busy"],
  ["Image not provided for instance creation", "not-found"],
  ['Failed shutting down instance, status is "Running": context deadline exceeded', "failed"],
] as const)("an operation that failed with %j is '%s'", (err, code) => {
  const ended = operation("1", { status: "Failure", status_code: 400, err });
  expect(errorFromOperation("PUT /1.0/x", ended)).toMatchObject({ code, lxdMessage: err });
});

test("a cancelled operation is 'cancelled', one with err_code goes by it", () => {
  const cancelled = operation("1", { status: "Cancelled", status_code: 401 });
  expect(errorFromOperation("x", cancelled).code).toBe("cancelled");
  const coded = operation("1", { status: "Failure", status_code: 400, err: "Nope", err_code: 403 });
  expect(errorFromOperation("x", coded)).toMatchObject({ code: "forbidden", httpStatus: 403 });
});

test.each([
  ["ECONNREFUSED", "unavailable"],
  ["ENOENT", "unavailable"],
  ["EACCES", "forbidden"],
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["HPE_INVALID_CONSTANT", "protocol"],
  ["ESOMETHING", "failed"],
] as const)("a socket that fails with %s is '%s', with the cause kept", (systemCode, code) => {
  const cause = Object.assign(new Error("boom"), { code: systemCode });
  expect(errorFromTransport("GET /1.0", cause, undefined)).toMatchObject({ code, cause });
});
