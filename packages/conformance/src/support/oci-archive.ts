/** An image of one layer as an OCI image layout in a tar, as `ctr images import` and `skopeo` read it. */
import { packTar, type TarEntry } from "modern-tar";
import { createHash } from "node:crypto";

export interface OciImage {
  /** `localhost/conformance/busybox:latest` */
  readonly reference: string;
  /** The layer's files. */
  readonly tree: TarEntry[];
  /** What the OCI image config calls `config`. */
  readonly config?: { readonly Entrypoint?: readonly string[]; readonly Env?: readonly string[] };
}

interface Blob {
  readonly digest: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export async function ociArchive({ reference, tree, config = {} }: OciImage): Promise<Uint8Array<ArrayBuffer>> {
  const layer = blob(Uint8Array.from(await packTar(tree)));
  const image = jsonBlob({
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: "linux",
    config: { Env: ["PATH=/bin"], ...config },
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [{ created_by: "conformance" }],
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor(image, "application/vnd.oci.image.config.v1+json"),
    layers: [descriptor(layer, "application/vnd.oci.image.layer.v1.tar")],
  });
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor(manifest, "application/vnd.oci.image.manifest.v1+json"),
        annotations: { "io.containerd.image.name": reference },
      },
    ],
  };
  return Uint8Array.from(
    await packTar([
      entry("oci-layout", encode({ imageLayoutVersion: "1.0.0" })),
      entry("index.json", encode(index)),
      ...[layer, image, manifest].map(({ digest, bytes }) => entry(`blobs/${digest.replace(":", "/")}`, bytes)),
    ]),
  );
}

const encode = (value: unknown): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(JSON.stringify(value)));

const blob = (bytes: Uint8Array<ArrayBuffer>): Blob => ({
  digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
  bytes,
});

const jsonBlob = (value: unknown): Blob => blob(encode(value));

const descriptor = ({ digest, bytes }: Blob, mediaType: string): object => ({ mediaType, digest, size: bytes.length });

const entry = (name: string, body: Uint8Array<ArrayBuffer>): TarEntry => ({
  header: { name, size: body.length, type: "file", mode: 0o644 },
  body,
});
