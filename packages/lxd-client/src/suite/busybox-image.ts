/** A small image for real servers: a static busybox, its applets as links, and the directories that LXC wants. */
import { readFile } from "node:fs/promises";
import { packTar, type TarEntry } from "modern-tar";

const applets =
  "sh sleep echo cat ls env id ps kill test touch mkdir rm ln stat grep head tail wc tr date hostname true false printf yes dd seq";

/** A unified image tar. `flavour` makes images with different fingerprints. */
export async function busyboxImage(busyboxPath: string, flavour: string): Promise<Buffer> {
  const busybox = await readFile(busyboxPath);
  const entries: TarEntry[] = [
    file("metadata.yaml", metadata(flavour)),
    ...["rootfs", "bin", "sbin", "dev", "proc", "sys", "etc", "root", "tmp", "run", "var"].map((name) =>
      directory(name === "rootfs" ? "rootfs/" : `rootfs/${name}/`),
    ),
    file("rootfs/bin/busybox", busybox, 0o755),
    ...applets.split(" ").map((name) => link(`rootfs/bin/${name}`, "busybox")),
    link("rootfs/sbin/init", "../bin/busybox"),
    file("rootfs/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
    file("rootfs/etc/group", "root:x:0:\n"),
  ];
  return Buffer.from(await packTar(entries));
}

/** An image without a file system of use, for what only looks at images. */
export async function emptyImage(flavour: string): Promise<Buffer> {
  return Buffer.from(await packTar([file("metadata.yaml", metadata(flavour)), directory("rootfs/")]));
}

/** The same in two files. */
export async function splitImage(flavour: string): Promise<{ metadata: Buffer; rootfs: Buffer }> {
  return {
    metadata: Buffer.from(await packTar([file("metadata.yaml", metadata(flavour))])),
    rootfs: Buffer.from(await packTar([directory("etc/")])),
  };
}

const metadata = (flavour: string) =>
  ["architecture: x86_64", "creation_date: 1700000000", "properties:", `  description: ${flavour}`, ""].join("\n");

const file = (name: string, body: string | Uint8Array<ArrayBuffer>, mode = 0o644): TarEntry => ({
  header: { name, size: Buffer.byteLength(body), type: "file", mode },
  body,
});

const directory = (name: string): TarEntry => ({ header: { name, size: 0, type: "directory", mode: 0o755 } });

const link = (name: string, linkname: string): TarEntry => ({
  header: { name, size: 0, type: "symlink", linkname, mode: 0o777 },
});
