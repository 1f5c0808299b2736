/** Pulls of OCI images into a real LXD. Those from a real registry are in the conformance package. */
import { randomBytes } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { openOciImages } from "./testing/oci-fixture.ts";
import { describeOciImages } from "./testing/oci-suite.ts";
import { imageOfFiles } from "./testing/test-image.ts";

const socketPath = process.env["LXE_TEST_LXD_SOCKET"] ?? "";
const CONTENT_BYTES = 4 * 1024 * 1024;
const never = new AbortController().signal;

describeOciImages({ name: "LXD", socketPath: () => socketPath });

describe("an image in LXD", () => {
  it("takes the room that it says it takes, and gives it back when it is removed", async () => {
    await using opened = await openOciImages(socketPath);
    const { fixture, registry } = opened;
    const content = randomBytes(CONTENT_BYTES);
    registry.push(imageOfFiles([{ name: "noise", content }]), "app", "1");
    const { fingerprint, sizeBytes, id } = await fixture.images.pull({ reference: `${registry.host}/app:1` }, never);
    expect(await filesOf(fingerprint)).toEqual([Number(sizeBytes)]);
    expect(Number(sizeBytes)).toBeGreaterThan(CONTENT_BYTES);
    const { instances } = fixture.lxd;
    // drivers with snapshots keep images unpacked, too
    await instances.create({
      name: "room",
      profiles: [],
      devices: { root: { type: "disk", path: "/", pool: "default" } },
      source: { type: "image", fingerprint },
    });
    await instances.delete("room");
    await fixture.images.remove(id);
    expect(await filesOf(fingerprint)).toEqual([]);
  });
});

/** Sizes of all that LXD's directory has of the image. */
async function filesOf(fingerprint: string): Promise<number[]> {
  const names = await readdir(dirname(socketPath), { recursive: true });
  const files = names.filter((name) => basename(name).startsWith(fingerprint));
  return Promise.all(files.map(async (name) => (await stat(join(dirname(socketPath), name))).size));
}
