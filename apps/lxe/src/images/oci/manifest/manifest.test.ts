import { describe, expect, it } from "vitest";
import { InvalidImageError } from "../errors.ts";
import { parseImageConfig } from "./image-config.ts";
import { parseManifest } from "./manifest.ts";
import { choosePlatform, nodePlatform, platformText, runsOn } from "./platform.ts";

const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const OCI = "application/vnd.oci.image.manifest.v1+json";
const descriptor = (mediaType: string, digit = "a", more: object = {}) => ({
  mediaType,
  digest: `sha256:${digit.repeat(64)}`,
  size: 10,
  ...more,
});
const bytesOf = (document: unknown) => Buffer.from(JSON.stringify(document));
const dockerImage = {
  schemaVersion: 2,
  mediaType: DOCKER,
  config: descriptor("application/vnd.docker.container.image.v1+json"),
  layers: [descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", "b")],
};
const ociImage = {
  schemaVersion: 2,
  config: descriptor("application/vnd.oci.image.config.v1+json"),
  layers: [descriptor("application/vnd.oci.image.layer.v1.tar+zstd", "b", { annotations: null })],
};

describe("a manifest", () => {
  it.each([
    ["of Docker", dockerImage, "application/json"],
    ["of OCI without a type in it", ociImage, `${OCI}; charset=utf-8`],
    ["whose registry calls it text", ociImage, "text/plain"],
  ])("%s is an image", (_, document, contentType) => {
    expect(parseManifest(bytesOf(document), contentType, "img")).toMatchObject({
      kind: "image",
      config: { digest: document.config.digest },
      layers: [{ digest: document.layers[0]?.digest, size: 10 }],
    });
  });

  it.each([
    ["by its own type", { mediaType: "application/vnd.oci.image.index.v1+json" }, "application/json"],
    ["by the registry's", {}, "application/vnd.docker.distribution.manifest.list.v2+json"],
    ["by its shape", {}, "application/json"],
  ])("of several images is an index, %s", (_, more, contentType) => {
    const document = {
      ...more,
      manifests: [descriptor(OCI, "c", { platform: { os: "linux", architecture: "amd64" } })],
    };
    expect(parseManifest(bytesOf(document), contentType, "img")).toMatchObject({ kind: "index", manifests: [{}] });
  });

  it.each([
    ["schema 1 by its number", { schemaVersion: 1, fsLayers: [] }, "application/json", "schema 1"],
    [
      "signed schema 1",
      { fsLayers: [] },
      "application/vnd.docker.distribution.manifest.v1+prettyjws",
      "push the image again",
    ],
    ["a chart", { ...ociImage, config: descriptor("application/vnd.cncf.helm.config.v1+json") }, OCI, "helm"],
    [
      "an encrypted layer",
      { ...ociImage, layers: [descriptor("application/vnd.oci.image.layer.v1.tar+encrypted")] },
      OCI,
      "encrypted",
    ],
    [
      "a digest of no known kind",
      { ...ociImage, layers: [{ ...ociImage.layers[0], digest: "md5:0" }] },
      OCI,
      "layers.0.digest",
    ],
    ["a negative size", { ...ociImage, layers: [{ ...ociImage.layers[0], size: -1 }] }, OCI, "layers.0.size"],
    ["no layers", { config: ociImage.config }, OCI, "layers"],
    ["a list", [], OCI, "no JSON object"],
  ])("that is %s is refused", (_, document, contentType, reason) => {
    const parse = () => parseManifest(bytesOf(document), contentType, "img");
    expect(parse).toThrow(InvalidImageError);
    expect(parse).toThrow(reason);
    expect(parse).toThrow(/^img/u);
  });

  it("that is no JSON is refused", () => {
    expect(() => parseManifest(Buffer.from("<html>"), OCI, "img")).toThrow("no JSON object");
  });
});

const image = (digit: string, platform?: object) =>
  ({ ...descriptor(OCI, digit), platform, annotations: undefined }) as never;
const choose = (lxdName: string, ...manifests: never[]) => {
  const node = nodePlatform(lxdName);
  if (node === undefined) throw new Error(lxdName);
  return choosePlatform(manifests, node)?.digest[7];
};

describe("the choice of a platform", () => {
  const amd64 = image("1", { os: "linux", architecture: "amd64" });
  const amd64v3 = image("2", { os: "linux", architecture: "amd64", variant: "v3" });
  const windows = image("3", { os: "windows", architecture: "amd64" });
  const armv6 = image("4", { os: "linux", architecture: "arm", variant: "v6" });
  const armv7 = image("5", { os: "linux", architecture: "arm", variant: "v7" });
  const arm64 = image("6", { os: "linux", architecture: "arm64", variant: "v8" });
  const unknown = image("7", { os: "unknown", architecture: "unknown" });

  it("takes Linux, the architecture, and the best variant the processor runs", () => {
    const all = [windows, armv6, unknown, amd64v3, amd64, armv7, arm64] as never[];
    expect(["x86_64", "x64", "aarch64", "armv7l", "armv6l"].map((name) => choose(name, ...all))).toEqual([
      "1",
      "1",
      "6",
      "5",
      "4",
    ]);
    expect(choose("riscv64", ...all)).toBeUndefined();
    expect(choose("x86_64", amd64v3, windows)).toBeUndefined();
  });

  it("takes the only image that does not say, and never a build tool's attestation", () => {
    expect(choose("x86_64", image("8"), unknown)).toBe("8");
    expect(choose("x86_64", image("8"), image("9"))).toBeUndefined();
    expect(choose("x86_64", unknown)).toBeUndefined();
  });

  it("is checked against what an image says of itself", () => {
    const node = nodePlatform("x86_64");
    if (node === undefined) throw new Error("x86_64 is known");
    expect(runsOn({ os: "linux", architecture: "amd64" }, node)).toBe(true);
    expect(runsOn({ os: "windows", architecture: "amd64" }, node)).toBe(false);
    expect(platformText({ os: "linux", architecture: "arm", variant: "v7" })).toBe("linux/arm/v7");
  });
});

describe("an image's config", () => {
  it("is read whole", () => {
    const document = {
      created: "2024-01-02T03:04:05.678Z",
      os: "linux",
      architecture: "arm64",
      variant: "v8",
      config: {
        Entrypoint: ["/app"],
        Cmd: ["serve"],
        Env: ["A=1"],
        WorkingDir: "/srv",
        User: "web:www",
        StopSignal: "SIGQUIT",
        Volumes: { "/data": {}, "/cache": {} },
        Labels: { a: "b" },
      },
      rootfs: { type: "layers", diff_ids: ["sha256:1"] },
    };
    expect(parseImageConfig(bytesOf(document), "img")).toEqual({
      createdS: 1_704_164_645,
      platform: { os: "linux", architecture: "arm64", variant: "v8" },
      run: {
        entrypoint: ["/app"],
        cmd: ["serve"],
        env: ["A=1"],
        workingDir: "/srv",
        user: "web:www",
        stopSignal: "SIGQUIT",
        volumes: ["/cache", "/data"],
      },
      labels: { a: "b" },
      diffIds: ["sha256:1"],
    });
  });

  it("may lack everything, or have null for it", () => {
    const empty = { entrypoint: [], cmd: [], env: [], workingDir: "", user: "", stopSignal: "", volumes: [] };
    const nulls = { config: { Cmd: null, Env: null, Volumes: null, Labels: null }, rootfs: { diff_ids: null } };
    for (const document of [{ rootfs: {} }, { config: null, rootfs: {} }, nulls]) {
      expect(parseImageConfig(bytesOf(document), "img")).toMatchObject({
        run: empty,
        labels: {},
        diffIds: [],
        createdS: 0,
      });
    }
  });

  it.each([
    ["{", "no JSON"],
    ['{"rootfs":{"diff_ids":"x"}}', "rootfs.diff_ids"],
    ["[]", ""],
  ])("%s is refused", (text, reason) => {
    expect(() => parseImageConfig(Buffer.from(text), "img")).toThrow(InvalidImageError);
    expect(() => parseImageConfig(Buffer.from(text), "img")).toThrow(reason);
  });
});
