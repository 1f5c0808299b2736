import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ImageStatusResponse,
  ListContainersResponse,
  ListImagesResponse,
  ListPodSandboxResponse,
  type MessageFns,
} from "./gen/api.ts";
import { keptEncoderOf } from "./kept-encoding.ts";
import { messageArbitraries, type Plain } from "./message.fixture.ts";
import { readTable } from "./wire-table.fixture.ts";

const arbitraries = messageArbitraries(readTable());
const kept: [string, string, MessageFns<unknown>][] = [
  ["listContainers", "ListContainersResponse", ListContainersResponse],
  ["imageStatus", "ImageStatusResponse", ImageStatusResponse],
  ["listImages", "ListImagesResponse", ListImagesResponse],
  ["listPodSandbox", "ListPodSandboxResponse", ListPodSandboxResponse],
];

describe.each(kept)("%s", (key, name, codec) => {
  const encode = keptEncoderOf(key);
  const arbitrary = arbitraries.get(name);
  if (encode === undefined || arbitrary === undefined) throw new Error(`${key} has no encoder`);

  it("has the bytes of the generated encoder, the first time and from what is kept", () => {
    const property = fc.property(arbitrary, (partial: Plain) => {
      const response = codec.fromPartial<object>(partial);
      const expected = Buffer.from(codec.encode(response).finish());
      expect(Buffer.from(encode(response))).toEqual(expected);
      expect(Buffer.from(encode(response))).toEqual(expected);
    });
    fc.assert(property);
  });
});

it("an item longer than one length byte tells is encoded as the generated encoder does", () => {
  for (const size of [100, 127, 128, 16_383, 16_384, 300_000]) {
    const response = ListContainersResponse.fromPartial({ containers: [{ id: "x".repeat(size) }, { id: "y" }] });
    expect(Buffer.from(keptEncoderOf("listContainers")?.(response) ?? [])).toEqual(
      Buffer.from(ListContainersResponse.encode(response).finish()),
    );
  }
});

it("a new object in an item's place shows with its own content", () => {
  const encode = keptEncoderOf("listContainers");
  const listed = (id: string) =>
    ListContainersResponse.decode(
      encode?.(ListContainersResponse.fromPartial({ containers: [{ id }] })) ?? new Uint8Array(),
    );
  expect(listed("before").containers[0]?.id).toBe("before");
  expect(listed("after").containers[0]?.id).toBe("after");
});

it("an empty list has no bytes", () => {
  expect(keptEncoderOf("listPodSandbox")?.({ items: [] })).toHaveLength(0);
});
