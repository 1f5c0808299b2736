/** What lxe says about itself and its images. */
import { expect } from "vitest";
import { rejection } from "../support/rejection.ts";
import { scenario, type Theme } from "./scenario.ts";

export const runtime: Theme = {
  name: "runtime and images",
  scenarios: [
    scenario("the version is what the kubelet wants to hear", async ({ cri }) => {
      expect(await cri.version({ version: "0.1.0" })).toMatchObject({
        version: "0.1.0",
        runtimeName: expect.stringMatching(/^[a-z]+$/),
        runtimeVersion: expect.stringMatching(/^\d+\.\d+/),
        runtimeApiVersion: "v1",
      });
    }),

    scenario("the status has both conditions and the default handler", async ({ cri }) => {
      const { status, runtimeHandlers } = await cri.status({});
      const conditions = Object.fromEntries((status?.conditions ?? []).map(({ type, status }) => [type, status]));
      expect(conditions).toMatchObject({ RuntimeReady: true, NetworkReady: true });
      expect(runtimeHandlers.map(({ name }) => name)).toContain("");
      const { info } = await cri.status({ verbose: true });
      expect(() => JSON.parse(info["config"] ?? "")).not.toThrow();
    }),

    scenario("the cgroup driver is told, and a pod CIDR is taken", async ({ cri }) => {
      expect((await cri.runtimeConfig({})).linux?.cgroupDriver).toBeTypeOf("number");
      await cri.updateRuntimeConfig({ runtimeConfig: { networkConfig: { podCidr: "10.1.0.0/24" } } });
    }),

    scenario("an image is found by name and by id, and listed with its size", async ({ cri, images }) => {
      const { image } = await cri.imageStatus({ image: { image: images.busybox } });
      expect(image?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(image?.size).toBeGreaterThan(0n);
      const byId = await cri.imageStatus({ image: { image: image?.id ?? "" } });
      expect(byId.image).toEqual(image);
      expect((await cri.listImages({})).images).toContainEqual(image);
      const pulled = await cri.pullImage({ image: { image: images.busybox } });
      expect(pulled.imageRef).toBe(image?.id);
    }),

    scenario("an image that nobody knows is absent, can be removed, and cannot be pulled", async ({ cri }) => {
      const image = { image: "no/such:image" };
      expect((await cri.imageStatus({ image })).image).toBeUndefined();
      await cri.removeImage({ image });
      expect(await rejection(cri.pullImage({ image }))).toBeDefined();
    }),

    scenario("the image file system has a place and a time", async ({ cri }) => {
      const { imageFilesystems } = await cri.imageFsInfo({});
      expect(imageFilesystems).toHaveLength(1);
      expect(imageFilesystems[0]?.fsId?.mountpoint).toMatch(/^\//);
      expect(imageFilesystems[0]?.timestamp).toBeGreaterThan(0n);
    }),
  ],
};
