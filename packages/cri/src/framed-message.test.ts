import { afterEach, expect, it, vi } from "vitest";
import { framedMessage } from "./framed-message.ts";
import { Image, ImageStatusResponse, ListImagesResponse } from "./gen/api.ts";
import { startLoopback } from "./loopback.fixture.ts";

afterEach(() => vi.restoreAllMocks());

const images = Array.from({ length: 100 }, (_, index) =>
  Image.fromPartial({ id: `sha256:${index}`, repoTags: [`registry.test/team/app-${index}:1.0`], size: 1_000_000n }),
);
const [image] = images;

it("a message is its parts, one after the other", () => {
  expect(framedMessage([Buffer.from("ab"), new Uint8Array(), Buffer.from("c")])).toEqual(Buffer.from("abc"));
  expect(framedMessage([])).toHaveLength(0);
});

it("the same answer again is sent as it is, without a copy, and arrives whole", async () => {
  await using loopback = await startLoopback({
    listImages: async () => ({ images: [...images] }),
    imageStatus: async () => ({ image, info: {} }),
  });
  const list = await loopback.client.listImages({});
  const status = await loopback.client.imageStatus({});
  const allocated = vi.spyOn(Buffer, "allocUnsafe");
  for (let call = 0; call < 3; call++) {
    await expect(loopback.client.listImages({})).resolves.toEqual(list);
    await expect(loopback.client.imageStatus({})).resolves.toEqual(status);
  }
  const copies = [ListImagesResponse.encode({ images }), ImageStatusResponse.encode({ image, info: {} })].map(
    (message) => 5 + message.finish().byteLength,
  );
  expect(allocated.mock.calls.map(([bytes]) => bytes).filter((bytes) => copies.includes(bytes))).toEqual([]);
  expect(list).toEqual({ images });
  expect(status).toEqual({ image, info: {} });
});

it("a changed answer is sent as it is now", async () => {
  let listed = images.slice(0, 2);
  await using loopback = await startLoopback({ listImages: async () => ({ images: listed }) });
  await expect(loopback.client.listImages({})).resolves.toEqual({ images: images.slice(0, 2) });
  listed = images.slice(1, 4);
  await expect(loopback.client.listImages({})).resolves.toEqual({ images: images.slice(1, 4) });
  listed = [];
  await expect(loopback.client.listImages({})).resolves.toEqual({ images: [] });
});
