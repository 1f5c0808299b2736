import { describe, expect, it } from "vitest";
import { failureText, statusDocument } from "./command-status.ts";

const parsed = (document: string): unknown => JSON.parse(document);

describe("the status of a command, as JSON", () => {
  it("is Success for exit code 0", () => {
    expect(statusDocument({ exitCode: 0 }, "json")).toBe('{"metadata":{},"status":"Success"}');
  });

  it("names the exit code as a cause", () => {
    expect(parsed(statusDocument({ exitCode: 7 }, "json"))).toEqual({
      metadata: {},
      status: "Failure",
      message: "command terminated with non-zero exit code: exit status 7",
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "7" }] },
    });
  });

  it.each([-1, 256, 1.5, Number.NaN])("never says an exit code that clients cannot parse: %d", (exitCode) => {
    expect(parsed(statusDocument({ exitCode }, "json"))).toMatchObject({ details: { causes: [{ message: "255" }] } });
  });

  it("is an internal error with the message of what was thrown", () => {
    expect(parsed(statusDocument({ error: new Error("no such file") }, "json"))).toEqual({
      metadata: {},
      status: "Failure",
      message: "Internal error occurred: no such file",
      reason: "InternalError",
      code: 500,
    });
  });
});

describe("the status of a command, as text", () => {
  it("is silence for exit code 0", () => {
    expect(statusDocument({ exitCode: 0 }, "text")).toBe("");
  });

  it("says what failed", () => {
    expect(statusDocument({ exitCode: 3 }, "text")).toBe("command terminated with non-zero exit code: exit status 3");
    expect(statusDocument({ error: "gone" }, "text")).toBe("Internal error occurred: gone");
  });
});

describe("a failure's text", () => {
  it("is bounded and whole", () => {
    expect(failureText("x".repeat(100_000))).toHaveLength(4096);
    expect(failureText("\ud800")).toBe("\ufffd");
  });
});
