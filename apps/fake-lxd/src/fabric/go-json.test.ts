import { describe, expect, it } from "vitest";
import { config, decodeBody, flag, integer, list, maybe, object, text } from "./go-json.ts";

const shape = object("ThingPost", { name: text, config, size: integer, on: flag, tags: maybe(list(text)) });

describe("request bodies", () => {
  it("are filled with zero values, unknown fields ignored, names matched in any case", () => {
    expect(decodeBody('{"Name":"x","other":[1],"config":null}', shape)).toEqual({
      name: "x",
      config: {},
      size: 0,
      on: false,
      tags: undefined,
    });
  });

  it.each([
    ["", "EOF"],
    ['{"name":"x"', "unexpected EOF"],
    ["[]", "json: cannot unmarshal array into Go value of type api.ThingPost"],
    ['{"config":{"a":1}}', "json: cannot unmarshal number into Go struct field ThingPost.config of type string"],
    ['{"size":"1"}', "json: cannot unmarshal string into Go struct field ThingPost.size of type int"],
    ["weird", "invalid character 'w' looking for beginning of value"],
  ])("that are wrong are refused in Go's words: %s", (body, message) => {
    expect(() => decodeBody(body, shape)).toThrow(message);
  });
});
