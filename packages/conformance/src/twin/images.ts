/** The two images that a lane has on both LXDs, byte for byte the same. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { packTar } from "modern-tar";
import { busyboxImage } from "../support/busybox-image.ts";

export interface TwinImage {
  readonly alias: string;
  readonly fingerprint: string;
  readonly file: Buffer;
}

export interface TwinImages {
  /** Instances can be made of it. */
  readonly busybox: TwinImage;
  /** For what only looks at images, and deletes them: each lane's own, because LXD tells otherwise of one that others have. */
  readonly other: TwinImage;
}

export async function twinImages(busyboxPath: string, architecture: string, lane: string): Promise<TwinImages> {
  const busybox = Uint8Array.from(await readFile(busyboxPath));
  return {
    busybox: named("busybox", await busyboxImage({ busybox, architecture, flavour: "twin" })),
    other: named("other", await emptyImage(architecture, lane)),
  };
}

function named(alias: string, file: Buffer): TwinImage {
  return { alias, file, fingerprint: createHash("sha256").update(file).digest("hex") };
}

async function emptyImage(architecture: string, lane: string): Promise<Buffer> {
  const metadata = `architecture: ${architecture}\ncreation_date: 1700000000\nproperties:\n  os: ${lane}\n`;
  const tar = await packTar([
    { header: { name: "metadata.yaml", size: Buffer.byteLength(metadata), type: "file", mode: 0o644 }, body: metadata },
    { header: { name: "rootfs/", size: 0, type: "directory", mode: 0o755 } },
  ]);
  return Buffer.from(tar);
}
