import { create, equals, fromBinary, fromJson, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileProto } from "./descriptor.fixture.ts";
import * as generated from "./gen/api.ts";
import { messageArbitraries, type Plain } from "./message.fixture.ts";
import { readTable } from "./wire-table.fixture.ts";

// The other implementation is protobuf-es: it knows the proto, and nothing of the generated code.
const registry = compileProto();
const arbitraries = [...messageArbitraries(readTable())];
const runs = { numRuns: 25 };

describe.each(arbitraries)("%s", (name, arbitrary) => {
  const codec = (generated as unknown as Record<string, generated.MessageFns<unknown>>)[name];
  const descriptor = registry.getMessage(`runtime.v1.${name}`);
  if (codec === undefined || descriptor === undefined) throw new Error(`no code for ${name}`);
  const oracleOf = (partial: Plain) => create(descriptor, partial);
  const messageOf = (partial: Plain) => codec.fromPartial<object>(partial);

  it("means the same to another protobuf implementation, whatever fields are missing", () => {
    const property = fc.property(arbitrary, (partial) => {
      const read = fromBinary(descriptor, codec.encode(messageOf(partial)).finish());
      expect(equals(descriptor, read, oracleOf(partial), { registry, unknown: true })).toBe(true);
    });
    fc.assert(property, runs);
  });

  it("is read as the other implementation wrote it", () => {
    const property = fc.property(arbitrary, (partial) => {
      expect(codec.decode(toBinary(descriptor, oracleOf(partial)))).toEqual(messageOf(partial));
    });
    fc.assert(property, runs);
  });

  it("survives JSON in both directions", () => {
    const property = fc.property(arbitrary, (partial) => {
      const message = messageOf(partial);
      const json = JSON.parse(JSON.stringify(codec.toJSON(message))) as JsonValue;
      expect(codec.fromJSON(json)).toEqual(message);
      expect(equals(descriptor, fromJson(descriptor, json), oracleOf(partial))).toBe(true);
      expect(codec.fromJSON(toJson(descriptor, oracleOf(partial)))).toEqual(message);
    });
    fc.assert(property, runs);
  });
});

describe("64-bit numbers", () => {
  it.each([2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)])(
    "keep all digits of %s on the wire and in JSON",
    (timeout) => {
      const { StopContainerRequest } = generated;
      const message = StopContainerRequest.fromPartial({ timeout });
      expect(StopContainerRequest.decode(StopContainerRequest.encode(message).finish()).timeout).toBe(timeout);
      expect(StopContainerRequest.fromJSON(StopContainerRequest.toJSON(message)).timeout).toBe(timeout);
    },
  );

  it("refuse what does not fit", () => {
    const message = generated.StopContainerRequest.fromPartial({ timeout: 2n ** 63n });
    expect(() => generated.StopContainerRequest.encode(message)).toThrow("too large");
  });
});

describe("an enum value of a later version", () => {
  it("is kept as its number", () => {
    const { PortMapping } = generated;
    const bytes = Uint8Array.of(8, 42);
    expect(PortMapping.decode(bytes).protocol).toBe(42);
    expect(PortMapping.encode(PortMapping.decode(bytes)).finish()).toEqual(bytes);
  });
});
