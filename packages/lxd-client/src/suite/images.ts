import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { LxdClient } from "../api/client.ts";
import { emptyImage, splitImage } from "./busybox-image.ts";
import { type SuiteTarget, uniqueName } from "./target.ts";

export function imagesSuite(target: SuiteTarget): void {
  describe("images", () => {
    test("are uploaded from a stream; the fingerprint is the file's sha256; properties are kept", async () => {
      await using client = target.client();
      const tar = await emptyImage(uniqueName("flavour"));
      const halves = [tar.subarray(0, 100), tar.subarray(100)];
      const { fingerprint, created } = await client.images.upload({
        file: Readable.from(halves),
        properties: { "user.a": "b & ü" },
      });
      await using _image = removedLater(client, fingerprint);
      expect(fingerprint).toBe(createHash("sha256").update(tar).digest("hex"));
      expect(created).toBe(true);
      const { value } = await client.images.get(fingerprint);
      expect(value).toMatchObject({ fingerprint, size: tar.length, type: "container", public: false, cached: false });
      expect(value.properties).toMatchObject({ "user.a": "b & ü" });
      expect((await client.images.list()).map((image) => image.fingerprint)).toContain(fingerprint);
    });

    test("the same image again is a success that created nothing", async () => {
      await using client = target.client();
      const tar = await emptyImage(uniqueName("flavour"));
      const first = await client.images.upload({ file: tar });
      await using _image = removedLater(client, first.fingerprint);
      expect(await client.images.upload({ file: tar })).toEqual({ fingerprint: first.fingerprint, created: false });
    });

    test("an upload that is not what its fingerprint says is refused", async () => {
      await using client = target.client();
      const tar = await emptyImage(uniqueName("flavour"));
      await expect(client.images.upload({ file: tar, fingerprint: "0".repeat(64) })).rejects.toMatchObject({
        name: "LxdError",
      });
    });

    test("split images are uploaded in two parts, and both are in the fingerprint", async () => {
      await using client = target.client();
      const { metadata, rootfs } = await splitImage(uniqueName("flavour"));
      const { fingerprint } = await client.images.upload({ metadata, rootfs: Readable.from([rootfs]) });
      await using _image = removedLater(client, fingerprint);
      expect(fingerprint).toBe(createHash("sha256").update(metadata).update(rootfs).digest("hex"));
    });

    test("are exported as they were uploaded", async () => {
      await using client = target.client();
      const tar = await emptyImage(uniqueName("flavour"));
      const { fingerprint } = await client.images.upload({ file: tar });
      await using _image = removedLater(client, fingerprint);
      const exported = await client.images.export(fingerprint);
      expect((await buffer(exported.content)).equals(tar)).toBe(true);
    });

    test("properties merge by a patch and are replaced by a modification", async () => {
      await using client = target.client();
      const { fingerprint } = await client.images.upload({ file: await emptyImage(uniqueName("flavour")) });
      await using _image = removedLater(client, fingerprint);
      await client.images.patch(fingerprint, { properties: { one: "1" } });
      await client.images.patch(fingerprint, { properties: { two: "2" } });
      expect((await client.images.get(fingerprint)).value.properties).toMatchObject({ one: "1", two: "2" });
      await client.images.modify(fingerprint, (current) => ({ ...current, properties: { three: "3" } }));
      expect((await client.images.get(fingerprint)).value.properties).toEqual({ three: "3" });
    });

    test("aliases with slashes and colons are created, moved and deleted", async () => {
      await using client = target.client();
      const { aliases } = client.images;
      const upload = async () => client.images.upload({ file: await emptyImage(uniqueName("flavour")) });
      const one = await upload();
      const two = await upload();
      await using _one = removedLater(client, one.fingerprint);
      await using _two = removedLater(client, two.fingerprint);
      const name = `${uniqueName("suite")}/path:tag`;
      await aliases.create({ name, target: one.fingerprint, description: "d" });
      await expect(aliases.create({ name, target: two.fingerprint })).rejects.toMatchObject({ code: "already-exists" });
      expect((await aliases.get(name)).value).toMatchObject({ name, target: one.fingerprint, description: "d" });
      expect((await aliases.list()).map((alias) => alias.name)).toContain(name);
      await aliases.update(name, { target: two.fingerprint });
      expect((await aliases.get(name)).value.target).toBe(two.fingerprint);
      await aliases.delete(name);
      await expect(aliases.get(name)).rejects.toMatchObject({ code: "not-found" });
    });

    test("a copy from a server that is not there fails", async () => {
      await using client = target.client();
      const source = { server: "https://127.0.0.1:1", protocol: "simplestreams", alias: "x" } as const;
      await expect(client.images.copy({ source })).rejects.toMatchObject({ name: "LxdError" });
    });

    test("missing ones are 'not-found', also for a deletion", async () => {
      await using client = target.client();
      const nothing = "f".repeat(64);
      await expect(client.images.get(nothing)).rejects.toMatchObject({ code: "not-found" });
      await expect(client.images.delete(nothing)).rejects.toMatchObject({ code: "not-found" });
    });
  });
}

function removedLater(client: LxdClient, fingerprint: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await client.images.delete(fingerprint);
    },
  };
}
