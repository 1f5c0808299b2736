/** The image RPCs: their answers, given what `Images` knows. */
import { UnavailableError } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { createCatalog } from "../images/catalog.ts";
import { FILESYSTEM_WAIT_MS } from "../images/limits.ts";
import { BUILT_IN_REMOTES, namingOf } from "../images/remotes.ts";
import { fakeImage } from "../images/testing/fake-image.ts";
import type { ImageFilesystem, Images } from "../images/types.ts";
import { createLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { imageFsInfo } from "./image-fs-info.ts";
import { listImages, streamImages } from "./image-list.ts";
import { pullImage } from "./image-pull.ts";
import { removeImage } from "./image-remove.ts";
import { imageStatus } from "./image-status.ts";

const signal = new AbortController().signal;
const call = { signal };
const FINGERPRINT = "a".repeat(64);
const ID = `sha256:${FINGERPRINT}`;

function spec(image: string) {
  return { image, annotations: {}, userSpecifiedImage: "", runtimeHandler: "", imageRef: "" };
}

function untilAborted(given?: AbortSignal): Promise<never> {
  return new Promise((_, reject) => given?.addEventListener("abort", () => reject(given.reason)));
}

function unused(): never {
  throw new Error("not part of this test");
}

function imagesOf(run: object = {}, overrides: Partial<Images> = {}): Images {
  const properties = { "lxe.run": JSON.stringify(run) };
  const image = fakeImage(FINGERPRINT, ["web"], { properties, size: 4096 });
  const catalog = createCatalog([image, fakeImage("b".repeat(64))], namingOf(BUILT_IN_REMOTES, "local"));
  return {
    refresh: unused,
    list: () => catalog.records,
    resolve: (reference) => catalog.resolve(reference),
    pull: unused,
    remove: unused,
    users: unused,
    pauseImage: unused,
    filesystem: () => undefined,
    measureFilesystem: unused,
    ...overrides,
  };
}

describe("ListImages", () => {
  it("gives all images without a filter, or with an empty one", async () => {
    const context = { images: imagesOf() };
    const answers = await Promise.all(
      [{}, { filter: {} }, { filter: { image: spec("") } }].map((request) => listImages(context, request)),
    );
    expect(answers.map((answer) => answer.images.length)).toEqual([2, 2, 2]);
  });

  it("gives the image of the filter, or none", async () => {
    const context = { images: imagesOf() };
    const found = await listImages(context, { filter: { image: spec("web") } });
    expect(found.images.map((image) => image.id)).toEqual([ID]);
    expect((await listImages(context, { filter: { image: spec("other") } })).images).toEqual([]);
  });
});

describe("StreamImages", () => {
  it("gives the same images in messages of at most 256", async () => {
    const images = Array.from({ length: 600 }, (_, index) => fakeImage(index.toString(16).padStart(64, "0")));
    const { records } = createCatalog(images, namingOf(BUILT_IN_REMOTES, "local"));
    const sizes: number[] = [];
    const ids: string[] = [];
    for await (const message of streamImages({ images: imagesOf({}, { list: () => records }) }, {}, call)) {
      sizes.push(message.images.length);
      ids.push(...message.images.map((image) => image.id));
    }
    expect(sizes).toEqual([256, 256, 88]);
    expect(ids).toEqual(records.map((record) => record.id));
  });
});

describe("ImageStatus", () => {
  it("of an unknown image is an answer without one", async () => {
    expect(await imageStatus({ images: imagesOf() }, { image: spec("nope"), verbose: true })).toEqual({ info: {} });
    expect(await imageStatus({ images: imagesOf() }, { verbose: false })).toEqual({ info: {} });
  });

  it("is the same by every kind of reference", async () => {
    const references = ["web", "web:latest", ID, FINGERPRINT, "aaaa", `web@${ID}`];
    const answers = await Promise.all(
      references.map((reference) => imageStatus({ images: imagesOf() }, { image: spec(reference), verbose: false })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer.image, (_, value) => String(value)))).size).toBe(1);
    expect(answers[0]?.image).toMatchObject({ id: ID, repoTags: ["web:latest"], size: 4096n, pinned: false });
    expect(answers[0]?.info).toEqual({});
  });

  it.each([
    ["", undefined, ""],
    ["1000", 1000n, ""],
    ["1000:7", 1000n, ""],
    ["web", undefined, "web"],
    ["web:staff", undefined, "web"],
  ])("shows the user %j as uid %s and name %j", async (user, uid, username) => {
    const { image } = await imageStatus({ images: imagesOf({ user }) }, { image: spec("web"), verbose: false });
    expect(image?.uid?.value).toBe(uid);
    expect(image?.username).toBe(username);
  });

  it("tells with `verbose` how the image is run", async () => {
    const run = { entrypoint: ["/app"], env: ["A=1"], volumes: ["/data"] };
    const { info } = await imageStatus({ images: imagesOf(run) }, { image: spec("web"), verbose: true });
    expect(JSON.parse(info["info"] ?? "")).toMatchObject({
      imageSpec: {
        architecture: "amd64",
        os: "linux",
        config: { Entrypoint: ["/app"], Env: ["A=1"], Volumes: { "/data": {} } },
      },
      fingerprint: FINGERPRINT,
    });
  });
});

describe("PullImage", () => {
  it("answers with the id, and never logs credentials", async () => {
    const lines: string[] = [];
    const log = createLogger({ level: "trace", format: "json" }, { write: (line) => void lines.push(line) });
    const images = imagesOf();
    const pulling = imagesOf(
      {},
      { pull: async ({ reference }) => images.resolve(reference) ?? Promise.reject(new Error("none")) },
    );
    const secret = "s3cret";
    const auth = {
      username: secret,
      password: secret,
      auth: secret,
      serverAddress: secret,
      identityToken: secret,
      registryToken: secret,
    };
    expect(await pullImage({ images: pulling, log }, { image: spec("web"), auth }, call)).toEqual({ imageRef: ID });
    expect(lines).toHaveLength(1);
    expect(lines.join("")).not.toContain(secret);
  });
});

describe("RemoveImage", () => {
  it("passes the reference on", async () => {
    const removed: string[] = [];
    const images = imagesOf({}, { remove: async (reference) => void removed.push(reference) });
    expect(await removeImage({ images }, { image: spec("web") }, call)).toEqual({});
    expect(await removeImage({ images }, {}, call)).toEqual({});
    expect(removed).toEqual(["web", ""]);
  });
});

describe("ImageFsInfo", () => {
  const measured: ImageFilesystem = { mountpoint: "/pool", usedBytes: 7n, inodesUsed: 2n, measuredAt: 99n };
  const usage = { timestamp: 99n, fsId: { mountpoint: "/pool" }, usedBytes: { value: 7n }, inodesUsed: { value: 2n } };

  it("gives the last measurement for images and containers", async () => {
    const context = { images: imagesOf({}, { filesystem: () => measured }), clock: createManualClock() };
    expect(await imageFsInfo(context, {}, call)).toEqual({ imageFilesystems: [usage], containerFilesystems: [usage] });
  });

  it("waits for the first measurement", async () => {
    const context = { images: imagesOf({}, { measureFilesystem: async () => measured }), clock: createManualClock() };
    expect((await imageFsInfo(context, {}, call)).imageFilesystems).toEqual([usage]);
  });

  it("does not wait for long", async () => {
    const clock = createManualClock();
    const answer = imageFsInfo({ images: imagesOf({}, { measureFilesystem: untilAborted }), clock }, {}, call);
    clock.advance(FILESYSTEM_WAIT_MS);
    await expect(answer).rejects.toThrow(UnavailableError);
    expect(clock.nextTimerMs()).toBeUndefined();
  });
});
