import { describe, expect, it } from "vitest";
import { checkRuntimeHandler, containerType, TYPE_ANNOTATION } from "./handlers.ts";

describe("a runtime handler", () => {
  it.each(["", "app", "system"])("%j is known", (handler) => {
    expect(() => checkRuntimeHandler(handler)).not.toThrow();
  });

  it.each(["runc", "App", " "])("%j is refused by the name of the field", (handler) => {
    expect(() => checkRuntimeHandler(handler)).toThrow("runtime_handler");
  });
});

const says = (value: string) => ({ [TYPE_ANNOTATION]: value });

describe("the type of a container", () => {
  const nothing = { annotations: {}, podAnnotations: {}, handler: "", imageType: undefined, hasCommand: false };

  it.each([
    { by: "nothing at all", input: {}, expected: "system" },
    { by: "a command", input: { hasCommand: true }, expected: "app" },
    { by: "the image", input: { imageType: "app" }, expected: "app" },
    { by: "the image before the command", input: { imageType: "system", hasCommand: true }, expected: "system" },
    { by: "the handler before the image", input: { handler: "app", imageType: "system" }, expected: "app" },
    {
      by: "the pod's annotation before the handler",
      input: { podAnnotations: says("system"), handler: "app" },
      expected: "system",
    },
    {
      by: "its own annotation before the pod's",
      input: { annotations: says("app"), podAnnotations: says("system") },
      expected: "app",
    },
  ] as const)("is $expected by $by", ({ input, expected }) => {
    expect(containerType({ ...nothing, ...input })).toBe(expected);
  });

  it("is refused for another annotation, by its name", () => {
    expect(() => containerType({ ...nothing, annotations: says("vm") })).toThrow(TYPE_ANNOTATION);
  });
});
