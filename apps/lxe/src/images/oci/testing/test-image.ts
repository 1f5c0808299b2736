/** An image as a registry has it: its config, its manifest, its layers. */
import { layerOf, sha256, type TestFile, type TestLayer } from "./layers.ts";

export interface TestImage {
  readonly manifest: Buffer;
  readonly mediaType: string;
  /** Of the manifest. */
  readonly digest: string;
  /** Of the config: the image's id. */
  readonly id: string;
  /** Config and layers by digest. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

export interface TestImageOptions {
  readonly layers?: readonly TestLayer[];
  /** The `config` of the image's config: Cmd, Env and so on. */
  readonly run?: object;
  readonly architecture?: string;
  /** Changes the finished manifest. */
  readonly change?: (manifest: Record<string, unknown>) => object;
}

export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

export function imageOfFiles(files: readonly TestFile[], options: TestImageOptions = {}): TestImage {
  return testImage({ ...options, layers: [layerOf(files)] });
}

export function testImage({
  layers = [],
  run = {},
  architecture = "amd64",
  change = (same) => same,
}: TestImageOptions = {}): TestImage {
  const diffIds = layers.map(({ diffId }) => diffId);
  const config = json({
    architecture,
    os: "linux",
    created: "2024-01-01T00:00:00Z",
    config: run,
    rootfs: { type: "layers", diff_ids: diffIds },
  });
  const manifest = json(
    change({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: descriptorOf("application/vnd.oci.image.config.v1+json", config),
      layers: layers.map(({ mediaType, bytes }) => descriptorOf(mediaType, bytes)),
    }),
  );
  const blobs = new Map([config, ...layers.map(({ bytes }) => bytes)].map((bytes) => [sha256(bytes), bytes]));
  return { manifest, mediaType: OCI_MANIFEST, digest: sha256(manifest), id: sha256(config), blobs };
}

/** An index of images by their architecture, as `pushManifest` takes it. */
export function indexOf(images: Readonly<Record<string, TestImage>>): Buffer {
  const manifests = Object.entries(images).map(([architecture, { manifest }]) => ({
    ...descriptorOf(OCI_MANIFEST, manifest),
    platform: { os: "linux", architecture },
  }));
  return json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
}

export function descriptorOf(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

export function json(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document));
}
