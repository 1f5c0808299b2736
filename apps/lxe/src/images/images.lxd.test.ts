/** Images on a real LXD, and what only a real one can show. */
import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createLxdClient, type LxdClient } from "@lxe/lxd-client";
import { openImages } from "./testing/images-fixture.ts";
import { describeImages } from "./testing/images-suite.ts";
import { unifiedImage } from "./testing/small-image.ts";

const socketPath = process.env["LXE_TEST_LXD_SOCKET"] ?? "";
const never = new AbortController().signal;
const ROOT_DISK = { type: "disk", path: "/", pool: "default" };

describeImages({ name: "LXD", socketPath: () => socketPath });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => void server.close(() => done()));
  return port;
}

async function setHttpsAddress(lxd: LxdClient, address: string): Promise<void> {
  await lxd.request({ method: "PATCH", path: "/1.0", body: { config: { "core.https_address": address } } });
}

/** The LXD's own HTTPS API, as long as a test needs it. */
async function openHttps(): Promise<AsyncDisposable & { addr: string; certificate: string; lxd: LxdClient }> {
  const lxd = createLxdClient({ socketPath });
  const before = (await lxd.server.get()).config?.["core.https_address"] ?? "";
  const address = `127.0.0.1:${await freePort()}`;
  await setHttpsAddress(lxd, address);
  const certificate = (await lxd.server.get()).environment?.certificate ?? "";
  return {
    addr: `https://${address}`,
    certificate,
    lxd,
    [Symbol.asyncDispose]: async () => {
      await setHttpsAddress(lxd, before);
      await lxd.close();
    },
  };
}

describe("an LXD server as a remote", () => {
  it("gives its public images to a puller that knows its certificate", async () => {
    await using fixture = await openImages(socketPath);
    await using https = await openHttps();
    const file = await unifiedImage(`test ${randomBytes(6).toString("hex")}`);
    const { fingerprint } = await https.lxd.images.upload({ file, public: true });
    await https.lxd.images.aliases.create({ name: `shared/${fingerprint}`, target: fingerprint });
    const { addr, certificate } = https;
    await fixture.setRemotes({ peer: { addr, certificate, protocol: "lxd" }, stranger: { addr, protocol: "lxd" } });

    const record = await fixture.images.pull({ reference: `peer/shared/${fingerprint}:latest` }, never);
    expect(record).toMatchObject({ fingerprint, repoTags: [`peer/shared/${fingerprint}:latest`] });
    await expect(fixture.images.pull({ reference: "peer/nothing" }, never)).rejects.toThrow(
      "image peer/nothing not found",
    );
    await expect(fixture.images.pull({ reference: "stranger/any" }, never)).rejects.toThrow(/certificate/u);
    await https.lxd.images.delete(fingerprint);
  });
});

describe("the sandbox image", () => {
  it("runs as an unprivileged container with a read-only root, and stops", async () => {
    await using fixture = await openImages(socketPath);
    const { lxd } = fixture;
    const fingerprint = await fixture.images.pauseImage("x86_64");
    const name = "pause-test";
    await lxd.instances.create({
      name,
      profiles: [],
      config: { "boot.autostart": "false", "raw.lxc": "lxc.rootfs.options = ro\n" },
      devices: { root: ROOT_DISK },
      source: { type: "image", fingerprint },
    });
    await lxd.instances.setState(name, { action: "start" });
    const { status, processes } = await lxd.instances.state(name);
    expect({ status, processes }).toEqual({ status: "Running", processes: 1 });
    await lxd.instances.setState(name, { action: "stop", force: true });
    await lxd.instances.delete(name);
  });
});
