/** What images do on an LXD: one body for the real one and for fake-lxd. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { DeadlineExceededError, NotFoundError, UnknownError } from "@lxe/cri";
import type { Operation } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { type ImagesFixture, openImages } from "./images-fixture.ts";
import { startSimplestreamsServer } from "./simplestreams-server.ts";
import { splitImage } from "./small-image.ts";

export interface ImagesArm {
  readonly name: string;
  socketPath(): string;
}

const never = new AbortController().signal;

/** LXD reuses an image that any project has, so each test makes its own. */
function uniqueFlavour(): string {
  return `test ${randomBytes(6).toString("hex")}`;
}

async function startServerFor(fixture: ImagesFixture) {
  const server = await startSimplestreamsServer();
  await fixture.setRemotes({ test: { addr: server.address(), protocol: "simplestreams" } });
  return server;
}

async function runningOperations({ lxd }: ImagesFixture): Promise<Operation[]> {
  return (await lxd.operations.list()).filter((operation) => operation.status === "Running");
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => void server.close(() => done()));
  return port;
}

export function describeImages(arm: ImagesArm): void {
  describe(`images that LXD has, on ${arm.name}`, () => {
    it("are listed with an id, a tag, a digest and a size", async () => {
      await using fixture = await openImages(arm.socketPath());
      const fingerprint = await fixture.upload(uniqueFlavour(), ["web/server:1.2", "plain"]);
      const [record, ...others] = fixture.images.list();
      expect(others).toEqual([]);
      expect(record).toMatchObject({
        id: `sha256:${fingerprint}`,
        fingerprint,
        architecture: "x86_64",
        repoTags: ["plain:latest", "web/server:1.2"],
        repoDigests: [`plain@sha256:${fingerprint}`, `web/server@sha256:${fingerprint}`],
        pinned: false,
        type: undefined,
      });
      expect(record?.sizeBytes).toBeGreaterThan(0n);
    });

    it("are found by id, prefix, digest and alias with or without :latest", async () => {
      await using fixture = await openImages(arm.socketPath());
      const fingerprint = await fixture.upload(uniqueFlavour(), ["some/alias"]);
      const references = [
        fingerprint,
        `sha256:${fingerprint}`,
        fingerprint.slice(0, 12),
        `sha256:${fingerprint.slice(0, 13)}`,
        `whatever@sha256:${fingerprint}`,
        "some/alias",
        "some/alias:latest",
        "local/some/alias:latest",
      ];
      const found = references.map((reference) => fixture.images.resolve(reference)?.fingerprint);
      expect(found).toEqual(references.map(() => fingerprint));
      expect(fixture.images.resolve("some/other")).toBeUndefined();
    });

    it("are pulled without a server", async () => {
      await using fixture = await openImages(arm.socketPath());
      const fingerprint = await fixture.upload(uniqueFlavour(), ["here"]);
      const references = ["here:latest", `sha256:${fingerprint}`, fingerprint.slice(0, 20)];
      const pulled = await Promise.all(references.map((reference) => fixture.images.pull({ reference }, never)));
      expect(pulled.map((record) => record.fingerprint)).toEqual(references.map(() => fingerprint));
    });

    it("are gone with all their names after a removal by one name, for all who asked", async () => {
      await using fixture = await openImages(arm.socketPath());
      const { images } = fixture;
      const fingerprint = await fixture.upload(uniqueFlavour(), ["one", "two"]);
      const removals = ["one:latest", "two", fingerprint].map(async (reference) => {
        await images.remove(reference);
        expect(images.list()).toEqual([]);
      });
      await Promise.all(removals);
      expect(await fixture.lxd.images.list()).toEqual([]);
      expect(await fixture.lxd.images.aliases.list()).toEqual([]);
      await images.remove("one");
    });

    it("appear after changes by others once they are refreshed", async () => {
      await using fixture = await openImages(arm.socketPath());
      const fingerprint = await fixture.upload(uniqueFlavour(), ["first"]);
      await fixture.lxd.images.aliases.delete("first");
      await fixture.lxd.images.aliases.create({ name: "second", target: fingerprint });
      await fixture.images.refresh();
      expect(fixture.images.list().map((image) => image.repoTags)).toEqual([["second:latest"]]);
      await fixture.lxd.images.delete(fingerprint);
      await fixture.images.refresh();
      expect(fixture.images.list()).toEqual([]);
    });
  });

  describe(`pulls from an image server, on ${arm.name}`, () => {
    it("give an image that its name and its id resolve to, also after a restart", async () => {
      await using fixture = await openImages(arm.socketPath());
      await using server = await startServerFor(fixture);
      const image = await splitImage(uniqueFlavour());
      server.offer("distro/24.04", image);
      const record = await fixture.images.pull({ reference: "test/distro/24.04:latest" }, never);
      expect(record).toMatchObject({ id: `sha256:${image.fingerprint}`, repoTags: ["test/distro/24.04:latest"] });
      const restarted = await fixture.restart();
      const references = ["test/distro/24.04", "test/distro/24.04:latest", record.id];
      expect(references.map((reference) => restarted.resolve(reference)?.id)).toEqual(references.map(() => record.id));
    });

    it("take the default remote for names without one", async () => {
      await using fixture = await openImages(arm.socketPath(), "test");
      await using server = await startServerFor(fixture);
      const image = await splitImage(uniqueFlavour());
      server.offer("tiny", image);
      await fixture.images.pull({ reference: "tiny:latest" }, never);
      expect(fixture.images.resolve("tiny")?.fingerprint).toBe(image.fingerprint);
      expect(fixture.images.resolve("test/tiny")?.fingerprint).toBe(image.fingerprint);
    });

    it("download nothing when the server still has the same image", async () => {
      await using fixture = await openImages(arm.socketPath());
      await using server = await startServerFor(fixture);
      server.offer("same", await splitImage(uniqueFlavour()));
      const first = await fixture.images.pull({ reference: "test/same" }, never);
      const again = await fixture.images.pull({ reference: "test/same" }, never);
      expect(again).toEqual(first);
      expect(server.downloads()).toBe(1);
    });

    it("move the name to the server's new image, and the old one stays without a name", async () => {
      await using fixture = await openImages(arm.socketPath());
      await using server = await startServerFor(fixture);
      const old = await splitImage(uniqueFlavour());
      const renewed = await splitImage(uniqueFlavour());
      server.offer("moving", old);
      await fixture.images.pull({ reference: "test/moving" }, never);
      server.offer("moving", renewed);
      await fixture.setRemotes({ test: { addr: server.address("2"), protocol: "simplestreams" } });
      await fixture.images.pull({ reference: "test/moving" }, never);
      expect(fixture.images.resolve("test/moving:latest")?.fingerprint).toBe(renewed.fingerprint);
      expect(fixture.images.resolve(old.fingerprint)?.repoTags).toEqual([]);
    });

    it("take exactly the image of a digest", async () => {
      await using fixture = await openImages(arm.socketPath());
      await using server = await startServerFor(fixture);
      const image = await splitImage(uniqueFlavour());
      server.offer("pinned", image);
      const reference = `test/pinned@sha256:${image.fingerprint}`;
      const record = await fixture.images.pull({ reference }, never);
      expect(record).toMatchObject({ id: `sha256:${image.fingerprint}`, repoTags: [] });
      expect(fixture.images.resolve(reference)).toEqual(record);
    });

    it("of one reference at the same time are one download, which those who stay get although one leaves", async () => {
      await using fixture = await openImages(arm.socketPath());
      await using server = await startServerFor(fixture);
      server.offer("shared", await splitImage(uniqueFlavour()));
      server.hold();
      const leaver = new AbortController();
      const left = fixture.images.pull({ reference: "test/shared" }, leaver.signal);
      const stayed = fixture.images.pull({ reference: "test/shared" }, never);
      await server.held;
      leaver.abort(new DeadlineExceededError("time is up"));
      await expect(left).rejects.toThrow(DeadlineExceededError);
      server.release();
      expect((await stayed).repoTags).toEqual(["test/shared:latest"]);
      expect(server.downloads()).toBe(1);
    });

    it("that nobody waits for any more are cancelled in LXD", async () => {
      await using fixture = await openImages(arm.socketPath());
      await using server = await startServerFor(fixture);
      const image = await splitImage(uniqueFlavour());
      server.offer("unwanted", image);
      server.hold();
      const leaver = new AbortController();
      const left = fixture.images.pull({ reference: "test/unwanted" }, leaver.signal);
      await server.held;
      leaver.abort(new DeadlineExceededError("time is up"));
      await expect(left).rejects.toThrow(DeadlineExceededError);
      await expect.poll(() => runningOperations(fixture)).toEqual([]);
      server.release();
      expect(await fixture.lxd.images.list()).toEqual([]);
      expect((await fixture.images.pull({ reference: "test/unwanted" }, never)).fingerprint).toBe(image.fingerprint);
    });

    it("whose time is over in the first moment are cancelled in LXD, too", async () => {
      await using fixture = await openImages(arm.socketPath());
      await using server = await startServerFor(fixture);
      server.offer("hurried", await splitImage(uniqueFlavour()));
      server.hold();
      const leaver = new AbortController();
      const left = fixture.images.pull({ reference: "test/hurried" }, leaver.signal);
      leaver.abort(new DeadlineExceededError("time is up"));
      await expect(left).rejects.toThrow(DeadlineExceededError);
      await expect.poll(() => fixture.lxd.operations.list()).not.toEqual([]);
      await expect.poll(() => runningOperations(fixture)).toEqual([]);
    });

    it("whose time is over before they begin say so, also for an image that is there", async () => {
      await using fixture = await openImages(arm.socketPath());
      await fixture.upload(uniqueFlavour(), ["here"]);
      const late = AbortSignal.abort(new DeadlineExceededError("time is up"));
      await expect(fixture.images.pull({ reference: "here" }, late)).rejects.toThrow(DeadlineExceededError);
    });

    it("say that a server does not answer in the kubelet's words", async () => {
      await using fixture = await openImages(arm.socketPath());
      const addr = `http://127.0.0.1:${await closedPort()}`;
      await fixture.setRemotes({ away: { addr, protocol: "simplestreams" } });
      const pull = fixture.images.pull({ reference: "away/any" }, never);
      await expect(pull).rejects.toThrow(UnknownError);
      await expect(pull).rejects.toThrow(
        new RegExp(`^RegistryUnavailable: cannot pull away/any: ${addr} .*refused`, "u"),
      );
    });

    it("say what is not found, and where", async () => {
      await using fixture = await openImages(arm.socketPath());
      await using server = await startServerFor(fixture);
      server.offer("real", await splitImage(uniqueFlavour()));
      const pull = fixture.images.pull({ reference: "test/unreal:latest" }, never);
      await expect(pull).rejects.toThrow(NotFoundError);
      await expect(pull).rejects.toThrow(`image test/unreal:latest not found: ${server.address()} (remote "test")`);
      await expect(fixture.images.pull({ reference: "tset/real" }, never)).rejects.toThrow(
        "image tset/real not found in LXD, and it names no remote; remotes with a similar name: test; known remotes: ",
      );
    });
  });

  describe(`the users of an image, on ${arm.name}`, () => {
    const files = {
      "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/:\n",
      "usr/lib/group": "root:x:0:\nweb:x:33:\n",
      "etc/group": { link: "../usr/lib/group" },
    };

    it("are read once, through links, and kept with the image", async () => {
      await using fixture = await openImages(arm.socketPath());
      await fixture.upload(uniqueFlavour(), ["app"], files);
      const image = fixture.images.resolve("app");
      if (image === undefined) throw new Error("the image is missing");
      const expected = { passwd: files["etc/passwd"], group: files["usr/lib/group"], links: {} };
      const both = await Promise.all([fixture.images.users(image), fixture.images.users(image)]);
      expect(both).toEqual([expected, expected]);
      expect(await fixture.lxd.instances.list({ recursion: 0 })).toEqual([]);
      const restarted = await fixture.restart();
      const kept = restarted.resolve("app");
      if (kept === undefined) throw new Error("the image is missing");
      expect(await restarted.users(kept)).toEqual(expected);
    });

    it("are empty for an image without such files", async () => {
      await using fixture = await openImages(arm.socketPath());
      await fixture.upload(uniqueFlavour(), ["bare"], { "etc/group": { link: "group" } });
      const image = fixture.images.resolve("bare");
      if (image === undefined) throw new Error("the image is missing");
      expect(await fixture.images.users(image)).toEqual({ passwd: "", group: "", links: {} });
    });

    it("do not cost an instance that a killed process left behind, nor one that only has such a name", async () => {
      await using fixture = await openImages(arm.socketPath());
      const fingerprint = await fixture.upload(uniqueFlavour(), ["app"], files);
      const names = { left: `lxe-probe-${fingerprint.slice(0, 12)}`, foreign: "lxe-probe-0123456789ab" };
      for (const [kind, name] of Object.entries(names)) {
        await fixture.lxd.instances.create({
          name,
          profiles: [],
          config: kind === "left" ? { "user.lxe.probe": "true" } : {},
          devices: { root: { type: "disk", path: "/", pool: "default" } },
          source: { type: "image", fingerprint },
        });
      }
      await fixture.restart();
      await expect
        .poll(() => fixture.lxd.instances.list({ recursion: 0 }), { timeout: 10_000 })
        .toEqual([names.foreign]);
      await fixture.lxd.instances.delete(names.foreign);
    });
  });

  describe(`the sandbox image, on ${arm.name}`, () => {
    it("is made where it is missing, has the same fingerprint each time, and is pinned", async () => {
      await using fixture = await openImages(arm.socketPath());
      const { images } = fixture;
      const [fingerprint, same] = await Promise.all([images.pauseImage("x86_64"), images.pauseImage("x86_64")]);
      expect(same).toBe(fingerprint);
      expect(images.resolve("pause/x86_64")).toMatchObject({
        fingerprint,
        pinned: true,
        repoTags: ["pause/x86_64:latest"],
      });
      await images.remove(fingerprint);
      expect(await images.pauseImage("x86_64")).toBe(fingerprint);
      expect(images.list()).toHaveLength(1);
    });

    it("takes the alias from that of an older lxe, which is not pinned any more", async () => {
      await using fixture = await openImages(arm.socketPath());
      const old = await fixture.upload(uniqueFlavour(), ["lxe/pause/x86_64"]);
      expect(fixture.images.resolve(old)?.pinned).toBe(true);
      const fingerprint = await fixture.images.pauseImage("x86_64");
      expect(fingerprint).not.toBe(old);
      expect(fixture.images.resolve(old)).toMatchObject({ pinned: false, repoTags: [] });
    });
  });

  describe(`the images' file system, on ${arm.name}`, () => {
    it("is measured with the size of all images", async () => {
      await using fixture = await openImages(arm.socketPath());
      await fixture.upload(uniqueFlavour(), ["one"]);
      await fixture.upload(uniqueFlavour(), ["two"]);
      const sizes = fixture.images.list().map((image) => image.sizeBytes);
      const measured = await fixture.images.measureFilesystem();
      expect(measured.usedBytes).toBe(sizes.reduce((sum, size) => sum + size, 0n));
      expect(measured.inodesUsed).toBe(2n);
      expect(measured.mountpoint).toMatch(/^\//u);
      expect(fixture.images.filesystem()).toEqual(measured);
    });
  });
}
