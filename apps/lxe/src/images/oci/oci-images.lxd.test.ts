/** Pulls of OCI images into a real LXD, also from a real registry where `LXE_TEST_REGISTRY` names one (`host:port`). */
import { describe, expect, it } from "vitest";
import { openOciImages } from "./testing/oci-fixture.ts";
import { describeOciImages } from "./testing/oci-suite.ts";

const socketPath = process.env["LXE_TEST_LXD_SOCKET"] ?? "";
const realRegistry = process.env["LXE_TEST_REGISTRY"];
const never = new AbortController().signal;

describeOciImages({ name: "LXD", socketPath: () => socketPath });

describe.skipIf(realRegistry === undefined)("a real registry", () => {
  it.each(["e2e-test-images/busybox:1.29-2", "e2e-test-images/nginx:1.14-2", "pause:3.9"])(
    "gives %s, which an instance is made of",
    async (name) => {
      await using opened = await openOciImages(socketPath);
      const { images, lxd } = opened.fixture;
      const record = await images.pull({ reference: `${realRegistry ?? ""}/${name}` }, never);
      expect(record).toMatchObject({ type: "app", repoTags: [`${realRegistry ?? ""}/${name}`] });
      expect([...record.run.entrypoint, ...record.run.cmd]).not.toEqual([]);
      const instance = `oci-${name.replaceAll(/[^a-z0-9]/gu, "-").slice(0, 40)}`;
      await lxd.instances.create({
        name: instance,
        profiles: [],
        devices: { root: { type: "disk", path: "/", pool: "default" } },
        source: { type: "image", fingerprint: record.fingerprint },
      });
      expect((await lxd.instances.get(instance)).value.config["image.lxe.type"]).toBe("app");
      await lxd.instances.delete(instance);
    },
  );
});
