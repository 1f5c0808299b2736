import { LxdError, type LxdErrorCode } from "@lxe/lxd-client";
import { expect, it } from "vitest";
import { mapLxdError } from "./rpc-errors.ts";

it.each<[LxdErrorCode, string]>([
  ["not-found", "NOT_FOUND"],
  ["already-exists", "ALREADY_EXISTS"],
  ["already-running", "FAILED_PRECONDITION"],
  ["already-stopped", "FAILED_PRECONDITION"],
  ["not-running", "FAILED_PRECONDITION"],
  ["in-use", "FAILED_PRECONDITION"],
  ["conflict", "UNAVAILABLE"],
  ["busy", "UNAVAILABLE"],
  ["unavailable", "UNAVAILABLE"],
  ["operation-lost", "UNAVAILABLE"],
  ["closed", "UNAVAILABLE"],
  ["invalid", "INVALID_ARGUMENT"],
  ["not-supported", "UNIMPLEMENTED"],
  ["cancelled", "CANCELLED"],
  ["timeout", "DEADLINE_EXCEEDED"],
  ["failed", "UNKNOWN"],
  ["forbidden", "UNKNOWN"],
  ["protocol", "UNKNOWN"],
])("LXD's %s is %s, with LXD's words and the cause", (code, expected) => {
  const cause = new LxdError(code, "why");
  expect(mapLxdError(cause)).toMatchObject({ code: expected, message: "LXD: why", cause });
});

it.each([new Error("x"), undefined, "not-found", { code: "not-found" }])("%o is no error of LXD's", (error) => {
  expect(mapLxdError(error)).toBeUndefined();
});
