/** The image of sandboxes as bytes: equal bytes, and so an equal fingerprint, whenever and wherever they are made. */
import { createHash } from "node:crypto";
import { packTar } from "modern-tar";
import type { Machine } from "../init/machine.ts";
import { pauseProgram } from "../init/pause.ts";

export interface PauseTar {
  readonly bytes: Uint8Array;
  /** What LXD will call the image: sha256 of the bytes. */
  readonly fingerprint: string;
}

/** Any fixed moment: part of the bytes. */
const CREATED_AT_S = 1_700_000_000;
const DIRECTORY_MODE = 0o755;
const PROGRAM_MODE = 0o755;
const METADATA_MODE = 0o644;

/** With mount points for what LXC mounts, so that the root file system may be read-only. */
const DIRECTORIES = ["", "dev/", "dev/pts/", "dev/shm/", "etc/", "proc/", "run/", "sbin/", "sys/", "tmp/"];

type Entry = Parameters<typeof packTar>[0][number];

export async function createPauseTar(machine: Machine): Promise<PauseTar> {
  const bytes = await packTar([
    file("metadata.yaml", METADATA_MODE, Buffer.from(metadataOf(machine))),
    ...DIRECTORIES.map((name) => directory(`rootfs/${name}`)),
    file("rootfs/sbin/init", PROGRAM_MODE, pauseProgram(machine)),
  ]);
  return { bytes, fingerprint: createHash("sha256").update(bytes).digest("hex") };
}

function metadataOf(machine: Machine): string {
  return [
    `architecture: ${machine.architecture}`,
    `creation_date: ${CREATED_AT_S}`,
    "properties:",
    "  description: lxe sandbox",
    "  lxe.type: app",
    "",
  ].join("\n");
}

function directory(name: string): Entry {
  return { header: { name, type: "directory", size: 0, mode: DIRECTORY_MODE, ...ownership } };
}

function file(name: string, mode: number, body: Uint8Array): Entry {
  return { header: { name, type: "file", size: body.length, mode, ...ownership }, body: Uint8Array.from(body) };
}

/** Spelled out: the packer's defaults include the time of packing. */
const ownership = { uid: 0, gid: 0, uname: "root", gname: "root", mtime: new Date(CREATED_AT_S * 1000) };
