/** The image store: add, find, change, delete. */
import { createHash } from "node:crypto";
import type { Image } from "@lxe/lxd-client";
import type { Daemon } from "../daemon.ts";
import { badRequest, failure, notFound } from "../errors.ts";
import { rootRequestor } from "../events.ts";
import { sorted } from "../etag.ts";
import type { Config, ImageRecord } from "../records.ts";
import { epochTime, formatTime, zeroTime } from "../time.ts";
import { keyOf, urlOf, type World } from "../world.ts";
import { unpackImage } from "./archive.ts";

export interface NewImage {
  project: string;
  metadata: Uint8Array;
  rootfs?: Uint8Array;
  rootfsName?: string;
  filename: string;
  public: boolean;
  properties: Config;
  /** Checked when given. */
  fingerprint?: string;
  profiles?: string[];
  autoUpdate?: boolean;
  cached?: boolean;
  expiresAt?: string;
  updateSource?: NonNullable<ImageRecord["updateSource"]>;
  /** Told before the image is stored: also when that fails because it is there already. */
  onFingerprint?: (fingerprint: string, size: number) => void;
}

function fingerprintOf(metadata: Uint8Array, rootfs?: Uint8Array): string {
  const hash = createHash("sha256").update(metadata);
  if (rootfs !== undefined) hash.update(rootfs);
  return hash.digest("hex");
}

function ownProperties(metadata: Record<string, unknown>): Config {
  const { properties } = metadata;
  if (typeof properties !== "object" || properties === null) return {};
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, String(value)]));
}

function expiryOf(metadata: Record<string, unknown>): string {
  const seconds = metadata["expiry_date"];
  return typeof seconds === "number" && seconds !== 0 ? formatTime(seconds * 1000) : epochTime;
}

export async function addImage(daemon: Daemon, image: NewImage): Promise<ImageRecord> {
  const { world } = daemon;
  const fingerprint = fingerprintOf(image.metadata, image.rootfs);
  if (image.fingerprint !== undefined && image.fingerprint !== fingerprint) {
    throw failure(`fingerprints don't match, got ${fingerprint} expected ${image.fingerprint}`);
  }
  image.onFingerprint?.(fingerprint, image.metadata.length + (image.rootfs?.length ?? 0));
  if (!world.hasSpace(`/images/${fingerprint}`)) {
    throw failure(`write ${world.directory}/images/lxd_build_${fingerprint.slice(0, 9)}: no space left on device`);
  }
  const unpacked = await daemon.guard(unpackImage(image.metadata, image.rootfs));
  if (world.images.has(keyOf(image.project, fingerprint))) throw failure("Image with same fingerprint already exists");
  const record: ImageRecord = {
    project: image.project,
    fingerprint,
    filename: image.filename,
    architecture: String(unpacked.metadata["architecture"]),
    public: image.public,
    autoUpdate: image.autoUpdate ?? false,
    cached: image.cached ?? false,
    properties: { ...ownProperties(unpacked.metadata), ...image.properties },
    profiles: image.profiles ?? ["default"],
    createdAt: formatTime(Number(unpacked.metadata["creation_date"]) * 1000),
    uploadedAt: formatTime(world.clock.now()),
    lastUsedAtMs: 0,
    expiresAt: image.expiresAt ?? expiryOf(unpacked.metadata),
    ...(image.updateSource !== undefined && { updateSource: image.updateSource }),
    metadata: unpacked.metadata,
    files: {
      metadata: image.metadata,
      ...(image.rootfs !== undefined && { rootfs: image.rootfs }),
      ...(image.rootfsName !== undefined && { rootfsName: image.rootfsName }),
    },
    rootfs: world.guests.createRootfs(unpacked.rootfs),
  };
  world.images.set(keyOf(image.project, fingerprint), record);
  announceImage(daemon, record, "image-created", { type: "container" });
  return record;
}

export function announceImage(
  daemon: Daemon,
  image: ImageRecord,
  action: string,
  context?: Record<string, unknown>,
): void {
  const source = urlOf("images", image.fingerprint, image.project);
  daemon.events.lifecycle(image.project, { action, source, context, requestor: rootRequestor });
}

/** In the order of their fingerprints. */
export function imagesOf(world: World, project: string): ImageRecord[] {
  const owner = world.owner(project, "images");
  return [...world.images.values()]
    .filter((image) => image.project === owner)
    .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** By any unique prefix of the fingerprint. */
export function findImage(world: World, project: string, prefix: string): ImageRecord {
  const matches = imagesOf(world, project).filter((image) => image.fingerprint.startsWith(prefix));
  const [image] = matches;
  if (image === undefined || prefix === "") throw notFound("Image not found");
  if (matches.length > 1) throw badRequest("Partial fingerprint matches more than one image");
  return image;
}

export function deleteImage(daemon: Daemon, image: ImageRecord): void {
  const { world } = daemon;
  if (!world.images.delete(keyOf(image.project, image.fingerprint))) throw notFound("Image not found");
  for (const [key, alias] of world.aliases) {
    if (alias.project === image.project && alias.target === image.fingerprint) world.aliases.delete(key);
  }
  // while another project has it, it is not gone
  const isShared = [...world.images.values()].some((other) => other.fingerprint === image.fingerprint);
  if (!isShared) announceImage(daemon, image, "image-deleted");
}

export function renderImage(world: World, image: ImageRecord): Image {
  const aliases = [...world.aliases.values()]
    .filter((alias) => alias.project === image.project && alias.target === image.fingerprint)
    .map((alias) => ({ name: alias.name, description: alias.description }));
  return {
    auto_update: image.autoUpdate,
    properties: sorted(image.properties),
    public: image.public,
    expires_at: image.expiresAt,
    profiles: image.profiles,
    aliases,
    architecture: image.architecture,
    cached: image.cached,
    filename: image.filename,
    fingerprint: image.fingerprint,
    size: image.files.metadata.length + (image.files.rootfs?.length ?? 0),
    ...(image.updateSource !== undefined && { update_source: image.updateSource }),
    type: "container",
    created_at: image.createdAt,
    last_used_at: image.lastUsedAtMs === 0 ? zeroTime : formatTime(image.lastUsedAtMs),
    uploaded_at: image.uploadedAt,
  };
}

export function imageEtag(image: ImageRecord): unknown {
  return [image.public, image.autoUpdate, sorted(image.properties)];
}
