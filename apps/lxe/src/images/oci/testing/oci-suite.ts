/** Pulls of OCI images into an LXD: one body for the real one and for fake-lxd. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { AccessDeniedError } from "../errors.ts";
import type { OciLimits } from "../limits.ts";
import { layerOf, sha256, type TestFile, type TestLayer } from "./layers.ts";
import { openOciImages, uniqueText } from "./oci-fixture.ts";
import { descriptorOf, imageOfFiles, indexOf, OCI_INDEX, type TestImage, testImage } from "./test-image.ts";
import { answer, type Handler, startTestRegistry, type TestRegistry } from "./test-registry.ts";

export interface OciArm {
  readonly name: string;
  socketPath(): string;
}

const never = new AbortController().signal;
const PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:7:8::/srv:\n";

/** Differs from all others. */
function uniqueFiles(): TestFile[] {
  return [
    { name: "etc/passwd", content: PASSWD },
    { name: "unique", content: uniqueText() },
  ];
}

const uniqueImage = (run: object = {}): TestImage => imageOfFiles(uniqueFiles(), { run });

const blobOf = (image: TestImage): string => `/v2/app/blobs/${[...image.blobs.keys()].at(-1) ?? ""}`;

/** What is left of it is what its digest says. */
function cutOff(layer: TestLayer): TestLayer {
  const bytes = layer.bytes.subarray(0, -10);
  return { ...layer, bytes, digest: sha256(bytes) };
}

const failing = (handler: Handler) => (registry: TestRegistry, image: TestImage) =>
  registry.on(blobOf(image), handler, 99);

const NO_AUTH = { username: "", password: "", auth: "", serverAddress: "", identityToken: "", registryToken: "" };
const PASSWORD = "pass-w0rd";
const ENCODED = Buffer.from(`user:${PASSWORD}`).toString("base64");
const IDENTITY_TOKEN = "1dentity-token";
const REGISTRY_TOKEN = "reg1stry-token";
const SERVER_TOKEN = "serv3r-token";

/** The forms that CRI gives credentials in, and what the registry is shown for each. */
const SECRETS = [
  { form: "a user and a password", auth: { username: "user", password: PASSWORD }, shown: `Basic ${ENCODED}` },
  { form: "both in base64", auth: { auth: ENCODED }, shown: `Basic ${ENCODED}` },
  { form: "an identity token", auth: { identityToken: IDENTITY_TOKEN }, shown: `Bearer ${SERVER_TOKEN}` },
  { form: "a registry's token", auth: { registryToken: REGISTRY_TOKEN }, shown: `Bearer ${REGISTRY_TOKEN}` },
];

function challengeOf(shown: string, { host }: TestRegistry): string {
  return shown.startsWith("Basic") ? 'Basic realm="x"' : `Bearer realm="http://${host}/token",service="x"`;
}

/** A byte now and then, until the other side has had enough. */
const trickle: Handler = (_, response) => {
  response.writeHead(200, { "content-length": 1_000_000 });
  const timer = setInterval(() => void response.write("x"), 5);
  response.once("close", () => clearInterval(timer));
};

export function describeOciImages(arm: OciArm): void {
  describe(`an image from a registry, on ${arm.name}`, () => {
    it("has the digest of its config as its id, by all names, also after a restart", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const image = uniqueImage({
        Cmd: ["/bin/app"],
        Env: ["A=1"],
        User: "app",
        StopSignal: "SIGINT",
        Labels: { a: "b" },
      });
      registry.push(image, "team/app", "1.2");
      const repository = `${registry.host}/team/app`;
      const record = await fixture.images.pull({ reference: `${repository}:1.2` }, never);
      expect(record).toMatchObject({
        id: image.id,
        repoTags: [`${repository}:1.2`],
        repoDigests: [`${repository}@${image.digest}`],
        type: "app",
        pinned: false,
        run: { entrypoint: [], cmd: ["/bin/app"], env: ["A=1"], user: "app", stopSignal: "SIGINT" },
      });
      const restarted = await fixture.restart();
      const hex = image.id.slice("sha256:".length);
      const names = [image.id, hex, hex.slice(0, 13), `sha256:${hex.slice(0, 13)}`, record.fingerprint];
      const references = [...names, ...record.repoTags, ...record.repoDigests, `${repository}:other@${image.digest}`];
      expect(references.map((reference) => restarted.resolve(reference))).toEqual(references.map(() => record));
      expect(restarted.resolve(`${registry.host}/team/other@${image.digest}`)).toBeUndefined();
      expect(await opened.leftOvers()).toEqual([]);
    });

    it("has its users with it from the beginning", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const links: TestFile[] = [{ kind: "symlink", name: "var/run", linkname: "../run" }];
      registry.push(imageOfFiles([...uniqueFiles(), ...links]), "app", "1");
      const record = await fixture.images.pull({ reference: `${registry.host}/app:1` }, never);
      expect(await fixture.images.users(record)).toEqual({ passwd: PASSWD, group: "", links: { "/var/run": "/run" } });
      // What an instance was made for would be kept with the image only afterwards.
      const { properties } = (await fixture.lxd.images.get(record.fingerprint)).value;
      expect(properties["lxe.users"]).toContain("app:x:7:8");
    });

    it("gives its files to an instance, those of upper layers first", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const lower = layerOf(
        [...uniqueFiles(), { name: "gone", content: "x" }, { name: "both", content: "lower" }],
        "zstd",
      );
      const upper = layerOf([{ name: ".wh.gone" }, { name: "both", content: "upper" }]);
      registry.push(testImage({ layers: [lower, upper, lower] }), "twice", "1");
      registry.push(testImage({ layers: [lower, upper] }), "app", "1");
      const { fingerprint } = await fixture.images.pull({ reference: `${registry.host}/app:1` }, never);
      const { instances } = fixture.lxd;
      await instances.create({
        name: "files",
        profiles: [],
        devices: { root: { type: "disk", path: "/", pool: "default" } },
        source: { type: "image", fingerprint },
      });
      const textOf = async (path: string): Promise<string> => {
        const file = await instances.files.get("files", path);
        if (file.type !== "file") return file.type;
        const chunks: Buffer[] = [];
        for await (const chunk of file.content) chunks.push(Buffer.from(chunk as Uint8Array));
        return Buffer.concat(chunks).toString();
      };
      const texts = await Promise.all(["/both", "/etc/passwd", "/etc/resolv.conf"].map(textOf));
      await expect(instances.files.get("files", "/gone")).rejects.toThrow(/not found/iu);
      await instances.delete("files");
      expect(texts).toEqual(["upper", PASSWD, ""]);
      const twice = await fixture.images.pull({ reference: `${registry.host}/twice:1` }, never);
      expect(twice.fingerprint).not.toBe(fingerprint);
    });

    it("is one image with all its names, whichever registry it is from", async () => {
      await using opened = await openOciImages(arm.socketPath());
      await using other = await startTestRegistry();
      const { fixture, registry } = opened;
      const image = uniqueImage();
      for (const each of [registry, other]) each.push(image, "app", "1");
      registry.push(image, "app", "2");
      const names = [`${registry.host}/app:1`, `${registry.host}/app:2`, `${other.host}/app:1`];
      for (const reference of names) await fixture.images.pull({ reference }, never);
      expect(fixture.images.list()).toMatchObject([
        {
          id: image.id,
          repoTags: names.toSorted(),
          repoDigests: [registry, other].map(({ host }) => `${host}/app@${image.digest}`).toSorted(),
        },
      ]);
      await fixture.images.remove(`${other.host}/app:1`);
      expect(fixture.images.list()).toEqual([]);
      expect(await fixture.lxd.images.list()).toEqual([]);
    });

    it("pulled by digest has no tag, and is not asked for again", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const image = uniqueImage();
      registry.push(image, "app", "1");
      const reference = `${registry.host}/app@${image.digest}`;
      const record = await fixture.images.pull({ reference }, never);
      expect(record).toMatchObject({ id: image.id, repoTags: [], repoDigests: [reference] });
      const asked = registry.seen.length;
      expect(await fixture.images.pull({ reference }, never)).toEqual(record);
      expect(registry.seen.length).toBe(asked);
    });

    it("loses a tag that moves to another image, and keeps its digest", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const [before, after] = [uniqueImage(), uniqueImage()];
      const reference = `${registry.host}/app:latest`;
      for (const image of [before, after]) {
        registry.push(image, "app", "latest");
        await fixture.images.pull({ reference }, never);
      }
      const { images } = fixture;
      expect(images.resolve(reference)?.id).toBe(after.id);
      expect(images.resolve(before.id)).toMatchObject({
        repoTags: [],
        repoDigests: [`${registry.host}/app@${before.digest}`],
      });
    });

    it("that differs from another in nothing but its config is another image", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const files = uniqueFiles();
      const pair = [{}, { OnBuild: ["RUN true"] }].map((run) => imageOfFiles(files, { run }));
      for (const [index, image] of pair.entries()) registry.push(image, "app", String(index));
      const ids = [];
      for (const tag of ["0", "1"])
        ids.push((await fixture.images.pull({ reference: `${registry.host}/app:${tag}` }, never)).id);
      expect(ids).toEqual(pair.map(({ id }) => id));
      expect(fixture.images.list().length).toBe(2);
    });

    it("is the one of an index for the node, under the index's digest", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const [ours, theirs] = [uniqueImage(), imageOfFiles(uniqueFiles(), { architecture: "arm64" })];
      for (const image of [ours, theirs]) registry.push(image, "multi", image.id.slice(7, 20));
      const index = indexOf({ arm64: theirs, amd64: ours });
      registry.pushManifest("multi", "1", index, OCI_INDEX);
      const record = await fixture.images.pull({ reference: `${registry.host}/multi:1` }, never);
      expect(record).toMatchObject({
        id: ours.id,
        repoDigests: [`${registry.host}/multi@${descriptorOf("", index).digest}`],
      });
    });

    it("is downloaded once for all who want it at the same time, by whatever name", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const image = uniqueImage();
      for (const tag of ["1", "2"]) registry.push(image, "app", tag);
      const names = ["1", "1", "2"].map((tag) => `${registry.host}/app:${tag}`);
      const records = await Promise.all(names.map((reference) => fixture.images.pull({ reference }, never)));
      expect(new Set(records.map(({ id }) => id))).toEqual(new Set([image.id]));
      expect(registry.seen.filter(({ path }) => path.includes("/blobs/")).length).toBe(image.blobs.size);
      expect(fixture.images.list()).toMatchObject([{ repoTags: [...new Set(names)].toSorted() }]);
    });

    it("has a few of its layers downloaded at a time", async () => {
      await using opened = await openOciImages(arm.socketPath(), { layersParallel: 2 });
      const { fixture, registry } = opened;
      const layers = Array.from({ length: 4 }, () => layerOf([{ name: uniqueText() }]));
      registry.push(testImage({ layers }), "app", "1");
      let most = 0;
      const open: (() => void)[] = [];
      for (const { bytes, digest } of layers) {
        registry.on(`/v2/app/blobs/${digest}`, (request, response) => {
          open.push(() => answer(200, {}, bytes)(request, response));
          most = Math.max(most, open.length);
          // Each waits for a second one.
          if (open.length === 2) for (const finish of open.splice(0)) finish();
        });
      }
      await fixture.images.pull({ reference: `${registry.host}/app:1` }, never);
      expect(most).toBe(2);
    });

    it("is asked for by each one's own credentials", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      registry.push(uniqueImage(), "app", "1");
      registry.guard = ({ headers }, response) => {
        if (headers.authorization === "Bearer right") return false;
        response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
        return true;
      };
      const pull = (registryToken: string) =>
        fixture.images.pull({ reference: `${registry.host}/app:1`, auth: { ...NO_AUTH, registryToken } }, never);
      const [right, wrong] = await Promise.allSettled([pull("right"), pull("wrong")]);
      expect([right.status, wrong.status]).toEqual(["fulfilled", "rejected"]);
    });

    it.each(SECRETS)("is asked for with $form, which no log and no error tells", async ({ auth, shown }) => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const image = uniqueImage();
      registry.push(image, "app", "1");
      const pull = () =>
        fixture.images.pull({ reference: `${registry.host}/app:1`, auth: { ...NO_AUTH, ...auth } }, never);
      let accepted = "nothing";
      registry.guard = ({ headers, url }, response) => {
        if (url === "/token") response.end(JSON.stringify({ token: SERVER_TOKEN }));
        else if (headers.authorization === accepted) return false;
        else response.writeHead(401, { "www-authenticate": challengeOf(shown, registry) }).end();
        return true;
      };
      const denied = await pull().catch((error: unknown) => error);
      expect(denied).toBeInstanceOf(AccessDeniedError);
      accepted = shown;
      expect((await pull()).id).toBe(image.id);
      const texts = [inspect(denied, { depth: 9 }), ...fixture.logged].join("\n");
      expect(fixture.logged.join("")).toContain("image pulled");
      for (const secret of [PASSWORD, IDENTITY_TOKEN, REGISTRY_TOKEN, SERVER_TOKEN, ENCODED]) {
        expect(texts).not.toContain(secret);
      }
    });
  });

  describe(`a pull that goes wrong, on ${arm.name}`, () => {
    const bomb = layerOf([{ name: "zeros", content: Buffer.alloc(20_000_000) }]);
    const good = layerOf([{ name: "a", content: "a" }]);

    interface Wrong {
      readonly what: string;
      readonly image: TestImage;
      readonly reason: string;
      readonly prepare?: (registry: TestRegistry, image: TestImage) => void;
      readonly limits?: Partial<OciLimits>;
    }
    const cases: readonly Wrong[] = [
      {
        what: "a path out of the image",
        image: imageOfFiles([{ name: "../../etc/evil", content: "x" }]),
        reason: "leads out of the image",
      },
      {
        what: "a link out of the image",
        image: imageOfFiles([
          { kind: "symlink", name: "d", linkname: "../../../etc" },
          { name: "d/evil", content: "x" },
        ]),
        reason: "leads out of the image through a link",
      },
      {
        what: "a bomb",
        image: testImage({ layers: [bomb] }),
        reason: "larger than 1000000 bytes",
        limits: { imageBytesMax: 1_000_000 },
      },
      {
        what: "a bomb whose registry goes silent",
        image: testImage({
          layers: [bomb],
          change: (manifest) => ({
            ...manifest,
            layers: [{ ...descriptorOf(bomb.mediaType, bomb.bytes), size: 9_000_000 }],
          }),
        }),
        reason: "larger than 1000000 bytes",
        prepare: failing(
          (_, response) => void response.writeHead(200, { "content-length": 9_000_000 }).write(bomb.bytes),
        ),
        limits: { imageBytesMax: 1_000_000 },
      },
      {
        what: "a wrong digest",
        image: testImage({ layers: [good] }),
        reason: "its content was changed or damaged",
        prepare: failing(answer(200, {}, Buffer.alloc(good.bytes.length, 1))),
      },
      {
        what: "a truncated blob",
        image: testImage({ layers: [good] }),
        reason: "RegistryUnavailable: ",
        prepare: failing(answer(200, {}, good.bytes.subarray(0, 20))),
      },
      {
        what: "a blob that is longer than its manifest says",
        image: testImage({
          layers: [good],
          change: (manifest) => ({ ...manifest, layers: [{ ...descriptorOf(good.mediaType, good.bytes), size: 5 }] }),
        }),
        reason: "should have 5 bytes and is longer",
      },
      {
        what: "an endless redirect",
        image: testImage({ layers: [good] }),
        reason: "redirects more than 5 times",
        prepare: (registry, image) => failing(answer(307, { location: blobOf(image) }))(registry, image),
      },
      {
        what: "an endless redirect of its manifest",
        image: testImage({ layers: [good] }),
        reason: "redirects more than 5 times",
        prepare: (registry) => registry.on("/v2/app/manifests/1", answer(302, { location: "/v2/app/manifests/1" }), 99),
      },
      {
        what: "a blob that trickles",
        image: testImage({ layers: [good] }),
        reason: "RegistryUnavailable: ",
        prepare: failing(trickle),
        limits: { stallMs: 50, attemptsMax: 2 },
      },
      {
        what: "a manifest that trickles",
        image: testImage({ layers: [good] }),
        reason: "RegistryUnavailable: ",
        prepare: (registry) => registry.on("/v2/app/manifests/1", trickle, 99),
        limits: { answerMs: 50, attemptsMax: 2 },
      },
      {
        what: "a registry that never answers",
        image: testImage({ layers: [good] }),
        reason: "RegistryUnavailable: ",
        prepare: (registry) => registry.on("/v2/app/manifests/1", () => undefined, 99),
        limits: { answerMs: 50, attemptsMax: 2 },
      },
      {
        what: "a hard link out of the image",
        image: imageOfFiles([{ kind: "hardlink", name: "shadow", linkname: "../../../etc/shadow" }]),
        reason: "leads out of the image",
      },
      {
        what: "a layer that is cut off, by its digest",
        image: testImage({ layers: [cutOff(good)] }),
        reason: "cannot be unpacked: unexpected end of file",
      },
      {
        what: "more files than allowed",
        image: imageOfFiles(Array.from({ length: 20 }, (_, index) => ({ name: `f${index}` }))),
        reason: "more than 10 files",
        limits: { entriesMax: 10 },
      },
      {
        what: "a config that is too large",
        image: testImage({ layers: [good], run: { Labels: { long: "x".repeat(10_000) } } }),
        reason: "5000 are allowed",
        limits: { configBytesMax: 5000 },
      },
      {
        what: "a manifest that is too large",
        image: testImage({ layers: [good], change: (manifest) => ({ ...manifest, more: "x".repeat(10_000) }) }),
        reason: "more than 5000 bytes",
        limits: { manifestBytesMax: 5000 },
      },
      {
        what: "a wrong diff id",
        image: testImage({ layers: [{ ...good, diffId: `sha256:${"1".repeat(64)}` }] }),
        reason: "but the image's config says",
      },
      {
        what: "fewer layers than it says",
        image: testImage({ layers: [good], change: (manifest) => ({ ...manifest, layers: [] }) }),
        reason: "has 0 layers, but its config names 1",
      },
      {
        what: "no archive",
        image: testImage({ layers: [layerOf(Buffer.from("no tar".repeat(200)), "gzip")] }),
        reason: "no tar archive",
      },
      {
        what: "another architecture",
        image: imageOfFiles([{ name: "a" }], { architecture: "s390x" }),
        reason: "linux/s390x, not for linux/amd64",
      },
      {
        what: "schema 1",
        image: testImage({ change: () => ({ schemaVersion: 1, fsLayers: [] }) }),
        reason: "schema 1",
      },
    ];

    it.each(cases)("ends in a clear error and leaves nothing: $what", async ({ image, reason, prepare, limits }) => {
      await using opened = await openOciImages(arm.socketPath(), limits);
      const { fixture, registry } = opened;
      registry.push(image, "app", "1");
      prepare?.(registry, image);
      await expect(fixture.images.pull({ reference: `${registry.host}/app:1` }, never)).rejects.toThrow(reason);
      expect(await opened.leftOvers()).toEqual([]);
      expect(await fixture.lxd.images.list()).toEqual([]);
      expect(fixture.images.list()).toEqual([]);
    });

    it("is cancelled at once by who wanted it, and leaves nothing", async () => {
      await using opened = await openOciImages(arm.socketPath());
      const { fixture, registry } = opened;
      const image = uniqueImage();
      registry.push(image, "app", "1");
      const controller = new AbortController();
      registry.on(blobOf(image), () => controller.abort(new RangeError("enough")));
      await expect(fixture.images.pull({ reference: `${registry.host}/app:1` }, controller.signal)).rejects.toThrow(
        RangeError,
      );
      await expect.poll(() => opened.leftOvers()).toEqual([]);
      expect(await fixture.lxd.images.list()).toEqual([]);
      expect((await fixture.images.pull({ reference: `${registry.host}/app:1` }, never)).id).toBe(image.id);
    });

    it("because lxe was killed leaves nothing once lxe starts again", async () => {
      await using opened = await openOciImages(arm.socketPath());
      await mkdir(join(opened.spoolDirectory, "0123"), { recursive: true });
      await writeFile(join(opened.spoolDirectory, "0123", "0"), "half a layer");
      await opened.fixture.restart();
      expect(await opened.leftOvers()).toEqual([]);
    });
  });
}
