import { describe, expect, it } from "vitest";
import * as errors from "./errors.ts";

const classes = [
  errors.NotFoundError,
  errors.InvalidArgumentError,
  errors.AlreadyExistsError,
  errors.FailedPreconditionError,
  errors.UnavailableError,
  errors.DeadlineExceededError,
  errors.CancelledError,
  errors.ResourceExhaustedError,
  errors.UnimplementedError,
  errors.InternalError,
  errors.UnknownError,
];

describe.each(classes.map((type) => [type.name, type] as const))("%s", (name, ErrorClass) => {
  it("keeps its message, name and cause", () => {
    const cause = new Error("below");
    const error = new ErrorClass("above", { cause });
    expect(error).toMatchObject({ message: "above", name, cause, code: ErrorClass.code });
    expect(Object.keys(error)).not.toContain("cause");
  });

  it("is an instance of itself and of CriError, and of no other class", () => {
    const error = new ErrorClass("x");
    expect(classes.filter((type) => error instanceof type)).toEqual([ErrorClass]);
    expect(error).toBeInstanceOf(errors.CriError);
    expect(error).toBeInstanceOf(Error);
  });
});

describe("instanceof", () => {
  it("holds for errors of another copy of the package", async () => {
    const path = "./errors.ts?copy";
    const copy = (await import(/* @vite-ignore */ path)) as typeof errors;
    expect(copy.NotFoundError).not.toBe(errors.NotFoundError);
    expect(new copy.NotFoundError("x")).toBeInstanceOf(errors.NotFoundError);
    expect(new copy.NotFoundError("x")).not.toBeInstanceOf(errors.InternalError);
  });

  it("tells a subclass from its base", () => {
    class SandboxNotFoundError extends errors.NotFoundError {}
    expect(new errors.NotFoundError("x")).not.toBeInstanceOf(SandboxNotFoundError);
    expect(new SandboxNotFoundError("x")).toBeInstanceOf(SandboxNotFoundError);
    expect(new SandboxNotFoundError("x")).toBeInstanceOf(errors.NotFoundError);
  });

  it.each([new Error("NOT_FOUND"), { code: "NOT_FOUND" }, null, undefined, "x"])("is false for %s", (value) => {
    expect(value instanceof errors.CriError).toBe(false);
  });
});

it("every code is one class's own", () => {
  expect(new Set(classes.map((type) => type.code)).size).toBe(classes.length);
});
