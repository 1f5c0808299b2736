/** Images from registries: what they are called, what is in them, and what their removal does. */
import { ContainerState, type Image, NamespaceMode } from "@lxe/cri";
import {
  answer,
  breakAfter,
  descriptorOf,
  type Handler,
  imageOfFiles,
  indexOf,
  layerOf,
  OCI_INDEX,
  type TestImage,
  testImage,
  type TestRegistry,
} from "lxe/testing/registry";
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { restartRuntime } from "../arms/arm.ts";
import { eventually } from "../support/eventually.ts";
import { ImageShelf } from "../support/image-shelf.ts";
import { busyboxLayer, uniqueLayer } from "../support/oci-busybox.ts";
import { runPod } from "../support/pod.ts";
import { rejection } from "../support/rejection.ts";
import { scenario, type Theme } from "./scenario.ts";

const NOISE_BYTES = 16 * 1024 * 1024;
const MEASURED_MS = 60_000;

const small = (run: object = {}): TestImage => testImage({ layers: [uniqueLayer()], run });

const lastBlob = ({ blobs }: TestImage): string => [...blobs.keys()].at(-1) ?? "";

/** All that a runtime may call the image; what it says must be the same for each. */
function namesOf({ id, repoTags, repoDigests }: Image): string[] {
  const hex = id.slice("sha256:".length);
  return [id, hex, hex.slice(0, 13), ...repoTags, ...repoDigests];
}

export const images: Theme = {
  name: "images",
  scenarios: [
    scenario("pulled by tag have the tag, a digest, and one id by every name", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = small({ User: "1234" });
      const reference = shelf.push(image, "1.2");
      expect(await shelf.pull(reference)).toBe(image.id);
      const status = await shelf.status(reference);
      if (status === undefined) throw new Error("the image is missing");
      expect(status).toMatchObject({
        id: image.id,
        repoTags: [reference],
        repoDigests: [`${shelf.repositories[0]}@${image.digest}`],
        uid: { value: 1234n },
        pinned: false,
      });
      expect(status.size).toBeGreaterThan(0n);
      for (const name of namesOf(status)) expect(await shelf.status(name), name).toEqual(status);
      expect(await shelf.listed()).toEqual([status]);
    }),

    scenario("pulled by digest have that digest and no tag", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = small();
      shelf.push(image, "1");
      const reference = `${shelf.repositories[0]}@${image.digest}`;
      expect(await shelf.pull(reference)).toBe(image.id);
      expect(await shelf.status(reference)).toMatchObject({ id: image.id, repoTags: [], repoDigests: [reference] });
    }),

    scenario("without a tag are the latest", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = small();
      const reference = shelf.push(image, "latest");
      const [repository] = shelf.repositories;
      expect(await shelf.pull(repository)).toBe(image.id);
      expect(await shelf.status(repository)).toMatchObject({ id: image.id, repoTags: [reference] });
    }),

    scenario("by several names, also from two registries, are one image, which goes with one of them", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = small();
      for (const tag of ["1", "2"]) shelf.push(image, tag);
      const [here, there] = shelf.repositories;
      const tags = [`${here}:1`, `${here}:2`, `${there}:1`];
      for (const tag of tags) expect(await shelf.pull(tag)).toBe(image.id);
      const [listed, ...others] = await shelf.listed();
      expect(others).toEqual([]);
      expect(listed?.repoTags.toSorted()).toEqual(tags.toSorted());
      const digests = [here, there].map((repository) => `${repository}@${image.digest}`);
      expect(listed?.repoDigests.toSorted()).toEqual(digests.toSorted());
      await shelf.remove(`${there}:1`);
      expect(await shelf.listed()).toEqual([]);
      for (const name of [...tags, ...digests, image.id]) expect(await shelf.status(name), name).toBeUndefined();
      await shelf.remove(image.id);
    }),

    scenario("lose a tag that moves on, and stay until they are removed", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const [before, after] = [small(), small()];
      const reference = shelf.push(before, "moving");
      await shelf.pull(reference);
      shelf.push(after, "moving");
      expect(await shelf.pull(reference)).toBe(after.id);
      expect(await shelf.status(reference)).toMatchObject({ id: after.id, repoTags: [reference] });
      const digest = `${shelf.repositories[0]}@${before.digest}`;
      expect(await shelf.status(before.id)).toMatchObject({ id: before.id, repoTags: [], repoDigests: [digest] });
    }),

    scenario("of several platforms are that of the node, under the digest of them all", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const [ours, theirs] = [small(), imageOfFiles([{ name: "theirs" }], { architecture: "s390x" })];
      for (const image of [ours, theirs]) shelf.push(image, image.id.slice(7, 20));
      const index = indexOf({ s390x: theirs, amd64: ours });
      arm.registry.pushManifest(shelf.path, "multi", index, OCI_INDEX);
      const [repository] = shelf.repositories;
      expect(await shelf.pull(`${repository}:multi`)).toBe(ours.id);
      const { digest } = descriptorOf(OCI_INDEX, index);
      expect((await shelf.status(ours.id))?.repoDigests).toEqual([`${repository}@${digest}`]);
      const foreign = indexOf({ s390x: theirs });
      arm.registry.pushManifest(shelf.path, "foreign", foreign, OCI_INDEX);
      expect(await rejection(shelf.pull(`${repository}:foreign`))).toBeDefined();
    }),

    scenario("show a container what their layers say, the uppermost first", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const long = `${"deep/".repeat(30)}${"name".repeat(30)}`;
      const lower = layerOf(
        [
          { name: "both", content: "lower" },
          { name: "gone", content: "gone" },
          { name: "emptied/old", content: "old" },
          { name: "dir/kept", content: "kept" },
          { kind: "symlink", name: "way", linkname: "dir" },
          { name: "file-then-dir", content: "file" },
        ],
        "zstd",
      );
      const upper = layerOf(
        [
          { name: "both", content: "upper" },
          { name: ".wh.gone" },
          { name: "emptied/.wh..wh..opq" },
          { name: "emptied/new", content: "new" },
          { name: "way/added", content: "added" },
          { kind: "directory", name: "file-then-dir/", mode: 0o755 },
          { name: "file-then-dir/inside", content: "inside" },
          { name: "hard", content: "linked" },
          { kind: "hardlink", name: "link", linkname: "hard" },
          { name: "setuid", content: "su", mode: 0o4755, uid: 1234, gid: 2222 },
          { name: long, content: "far" },
        ],
        "plain",
      );
      const reference = shelf.push(testImage({ layers: [busyboxLayer(arm.busybox), lower, upper] }), "1");
      await shelf.pull(reference);
      await using pod = await runPod(arm);
      const container = await pod.start({ config: { image: { image: reference } } });
      expect(await container.sh("cat /both /dir/kept /file-then-dir/inside /link")).toBe("upperkeptinsidelinked");
      expect(await container.sh(`cat /${long}; ls /emptied`)).toBe("farnew\n");
      expect((await container.exec(["ls", "/gone"])).code).not.toBe(0);
      expect(await container.sh("stat -c '%a %u:%g' /setuid; stat -c %h /hard")).toBe("4755 1234:2222\n2\n");
      // containerd unpacks a layer without those below it: /way becomes a directory
      if (arm.lxd) expect(await container.sh("cat /dir/added; readlink /way")).toBe("addeddir\n");
    }),

    scenario("of a program alone run with a read-only root, and have places for what is mounted", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const program = layerOf([
        { name: "busybox", content: arm.busybox, mode: 0o755 },
        ...["sh", "cat", "touch", "ls"].map((name) => ({ kind: "symlink" as const, name, linkname: "busybox" })),
      ]);
      const reference = shelf.push(testImage({ layers: [program], run: { Env: ["PATH=/"] } }), "1");
      await shelf.pull(reference);
      await using pod = await runPod(arm);
      const linux = {
        securityContext: { readonlyRootfs: true, namespaceOptions: { pid: NamespaceMode.CONTAINER } },
      };
      const container = await pod.start({ config: { image: { image: reference }, linux } });
      expect(await container.sh("ls /proc/1/exe && cat /etc/hostname && touch /dev/shm/here && ls /dev/shm")).toBe(
        `/proc/1/exe\n${pod.config.hostname}\nhere\n`,
      );
      expect((await container.exec(["touch", "/there"])).code).not.toBe(0);
    }),

    scenario("asked for by many at once come once for all", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = small();
      const reference = shelf.push(image, "1");
      const ids = await Promise.all(Array.from({ length: 5 }, () => shelf.pull(reference)));
      expect(new Set(ids)).toEqual(new Set([image.id]));
      expect(await shelf.listed()).toHaveLength(1);
    }),

    scenario("are not pulled when there is no time for it, whether they are there or not", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = { image: shelf.push(small(), "1") };
      const hurried = () => rejection(arm.cri.pullImage({ image }, { timeoutMs: 1 }));
      expect(await hurried()).toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
      await shelf.pull(image.image);
      expect(await hurried()).toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
    }),

    scenario("that somebody stops waiting for leave nothing, and can be had afterwards", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = small();
      const reference = shelf.push(image, "1");
      const silence = Promise.withResolvers<void>();
      arm.registry.on(`/v2/${shelf.path}/blobs/${lastBlob(image)}`, silent(image, silence.resolve));
      const controller = new AbortController();
      const pull = arm.cri.pullImage({ image: { image: reference } }, { signal: controller.signal });
      await Promise.race([silence.promise, pull]);
      controller.abort();
      expect(await rejection(pull)).toMatchObject({ codeName: "CANCELLED" });
      expect(await shelf.listed()).toEqual([]);
      expect(await shelf.pull(reference)).toBe(image.id);
    }),

    scenario("half pulled when the runtime is killed are whole after another pull", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = small();
      const reference = shelf.push(image, "1");
      const silence = Promise.withResolvers<void>();
      arm.registry.on(`/v2/${shelf.path}/blobs/${lastBlob(image)}`, silent(image, silence.resolve));
      const pull = rejection(shelf.pull(reference));
      await silence.promise;
      await restartRuntime(arm, "kill");
      expect(await pull).toBeDefined();
      expect(await shelf.listed()).toEqual([]);
      expect(await shelf.pull(reference)).toBe(image.id);
    }),

    scenario("are the same after the runtime was killed", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const reference = shelf.push(small({ Cmd: ["/bin/true"], User: "app" }), "1");
      await shelf.pull(reference);
      const before = await shelf.status(reference);
      await restartRuntime(arm, "kill");
      expect(await shelf.status(reference)).toEqual(before);
      expect(await shelf.listed()).toEqual([before]);
    }),

    scenario("of a registry that wants credentials come only with the right ones", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = small();
      const reference = shelf.push(image, "1");
      const right = Buffer.from("user:pass:word").toString("base64");
      using _guard = guarded(arm.registry, `Basic ${right}`);
      expect(await rejection(shelf.pull(reference))).toBeDefined();
      expect(await rejection(shelf.pull(reference, { username: "user", password: "wrong" }))).toBeDefined();
      const elsewhere = { username: "user", password: "pass:word", serverAddress: "other.test" };
      expect(await rejection(shelf.pull(reference, elsewhere))).toBeDefined();
      expect(await shelf.listed()).toEqual([]);
      expect(await shelf.pull(reference, { username: "user", password: "pass:word" })).toBe(image.id);
      await shelf.remove(image.id);
      expect(await shelf.pull(reference, { auth: right })).toBe(image.id);
    }),

    scenario("that cannot be had are said so, and leave nothing", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const [repository] = shelf.repositories;
      const wrongDigest = small();
      const wrongDiffId = testImage({ layers: [{ ...uniqueLayer(), diffId: `sha256:${"1".repeat(64)}` }] });
      const schema1 = testImage({ change: () => ({ schemaVersion: 1, name: "old", tag: "1", fsLayers: [] }) });
      for (const [tag, image] of Object.entries({ wrongDigest, wrongDiffId, schema1 })) shelf.push(image, tag);
      const path = `/v2/${shelf.path}/blobs/${lastBlob(wrongDigest)}`;
      const size = wrongDigest.blobs.get(lastBlob(wrongDigest))?.length ?? 0;
      arm.registry.on(path, answer(200, {}, Buffer.alloc(size, 1)), 99);
      for (const name of [":missing", ":wrongDigest", ":wrongDiffId", ":schema1", `@sha256:${"0".repeat(64)}`]) {
        expect(await rejection(arm.cri.pullImage({ image: { image: `${repository}${name}` } })), name).toBeDefined();
      }
      for (const name of ["", "one.test/UPPER:1", "one.test/a:b:c"]) {
        expect(await rejection(arm.cri.pullImage({ image: { image: name } })), name).toBeDefined();
      }
      expect(await shelf.listed()).toEqual([]);
    }),

    scenario("are removed under a running container without harm to it", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = testImage({ layers: [busyboxLayer(arm.busybox), uniqueLayer()] });
      const reference = shelf.push(image, "1");
      await shelf.pull(reference);
      await using pod = await runPod(arm);
      const config = { image: { image: reference } };
      const container = await pod.start({ config });
      const waiting = await pod.create({ name: "waiting", config });
      await shelf.remove(image.id);
      expect(await shelf.status(reference)).toBeUndefined();
      expect(await container.sh("cat /unique >/tmp/copy && wc -c </tmp/copy")).toMatch(/^\s*16$/m);
      const { state, imageId } = await container.status();
      expect(state).toBe(ContainerState.CONTAINER_RUNNING);
      // containerd 2.1 does not fill it
      if (arm.lxd) expect(imageId).toBe(image.id);
      await waiting.start();
      expect(await waiting.sh("echo works")).toBe("works\n");
      expect(await rejection(pod.create({ name: "late", config }))).toBeDefined();
      expect(await shelf.pull(reference)).toBe(image.id);
      const late = await pod.start({ name: "late", config });
      expect(await late.sh("echo works")).toBe("works\n");
    }),

    scenario("that pods stand on are pinned, and may be removed all the same", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({});
      const pinned = (await arm.cri.listImages({})).images.filter((image) => image.pinned);
      expect(pinned).not.toEqual([]);
      // containerd would have to pull its own again
      if (!arm.lxd) return;
      for (const { id } of pinned) await arm.cri.removeImage({ image: { image: id } });
      expect(await container.sh("echo works")).toBe("works\n");
      await using another = await runPod(arm);
      expect(await (await another.start({})).sh("echo works")).toBe("works\n");
      expect((await arm.cri.listImages({})).images.filter((image) => image.pinned)).toEqual(pinned);
    }),

    scenario("take room on the disk, which the image file system tells, and give it back", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const layers = [layerOf([{ name: "noise", content: randomBytes(NOISE_BYTES) }])];
      const reference = shelf.push(testImage({ layers }), "1");
      const used = async (): Promise<{ bytes: number; inodes: number; at: number }> => {
        const [filesystem] = (await arm.cri.imageFsInfo({})).imageFilesystems;
        const { usedBytes, inodesUsed, timestamp } = filesystem ?? {};
        return { bytes: Number(usedBytes?.value), inodes: Number(inodesUsed?.value), at: Number(timestamp) / 1e6 };
      };
      // the reference still counts what earlier scenarios have removed, until it measures anew
      const start = arm.lxd ? 0 : Date.now();
      const before = await eventually("it is measured anew", used, ({ at }) => at > start, { timeoutMs: MEASURED_MS });
      const isThere = (now: typeof before): boolean =>
        now.bytes > before.bytes + NOISE_BYTES / 2 && now.inodes > before.inodes;
      await shelf.pull(reference);
      // runtimes measure now and then
      await eventually("the image is counted", used, isThere, { timeoutMs: MEASURED_MS });
      await shelf.remove(reference);
      await eventually("its room is free", used, (now) => !isThere(now), { timeoutMs: MEASURED_MS });
    }),

    scenario("come whole although the registry breaks off", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = testImage({ layers: [busyboxLayer(arm.busybox), uniqueLayer()] });
      const reference = shelf.push(image, "1");
      const digest = lastBlob(image);
      const bytes = image.blobs.get(digest) ?? Buffer.alloc(0);
      arm.registry.on(`/v2/${shelf.path}/blobs/${digest}`, breakAfter(bytes, 20));
      expect(await shelf.pull(reference)).toBe(image.id);
    }),
  ],
};

/** Sends the beginning of the last blob and then nothing more; tells when it has. */
function silent(image: TestImage, sent: () => void): Handler {
  const bytes = image.blobs.get(lastBlob(image)) ?? Buffer.alloc(0);
  return (_, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, bytes.length - 1), () => sent());
  };
}

/** Until it is disposed of, the registry wants the header, and asks for a name and a password. */
function guarded(registry: TestRegistry, authorization: string): Disposable {
  registry.guard = ({ headers }, response) => {
    if (headers.authorization === authorization) return false;
    response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end();
    return true;
  };
  return { [Symbol.dispose]: () => void (registry.guard = () => false) };
}
