/**
 * One image from its registry into LXD: its layers are downloaded to the host's disk, laid over one another, and uploaded as they are
 * read back. Whatever happens, nothing stays on the disk; LXD has the whole image or nothing.
 */
import { join } from "node:path";
import type { LxdClient } from "@lxe/lxd-client";
import type { Clock } from "../../platform/clock.ts";
import type { HostFiles } from "../../platform/host-files.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Random } from "../../platform/random.ts";
import { USERS_PROPERTY_BYTES_MAX } from "../limits.ts";
import { LABELS_PROPERTY, OCI_PROPERTY, RUN_PROPERTY, TYPE_PROPERTY, USERS_PROPERTY } from "../properties.ts";
import type { ImageUsers } from "../types.ts";
import { MOUNT_POINT_LINKS } from "../users.ts";
import { createBudget } from "./convert/budget.ts";
import { imageTar } from "./convert/image-tar.ts";
import { imageUsers } from "./convert/image-users.ts";
import { type Layer, storeLayer } from "./convert/layer.ts";
import { createLayerReader } from "./convert/layer-reader.ts";
import { mergeLayers } from "./convert/merge.ts";
import { metadataEntry } from "./convert/metadata.ts";
import { InvalidImageError } from "./errors.ts";
import type { OciLimits } from "./limits.ts";
import { type ImageConfig, parseImageConfig } from "./manifest/image-config.ts";
import type { ImageManifest } from "./manifest/manifest.ts";
import { type NodePlatform, platformText, runsOn } from "./manifest/platform.ts";
import { inParallel } from "./parallel.ts";
import { createProgress } from "./progress.ts";
import type { RegistrySession } from "./registry/session.ts";

export interface InstallDeps {
  readonly lxd: { readonly images: Pick<LxdClient["images"], "upload"> };
  readonly files: HostFiles;
  readonly clock: Pick<Clock, "setTimeout">;
  readonly random: Pick<Random, "hex" | "bytes">;
  readonly log: Pick<Logger, "info" | "debug">;
  readonly limits: OciLimits;
  readonly node: NodePlatform;
  /** Downloads lie below it. */
  readonly spoolDirectory: string;
}

export interface WantedImage {
  /** The reference, for people. */
  readonly name: string;
  readonly manifest: ImageManifest;
  /** `<repository>@<digest>` that it is had by. */
  readonly repoDigest: string;
}

export interface InstalledImage {
  /** LXD's name of it. */
  readonly fingerprint: string;
  /** The names by digest that LXD has with it; none where nobody knows. */
  readonly repoDigests: readonly string[];
}

const DIRECTORY_MODE = 0o700;
const NAME_DIGITS = 16;

export async function installImage(
  deps: InstallDeps,
  session: Pick<RegistrySession, "content" | "blob">,
  wanted: WantedImage,
  signal: AbortSignal,
): Promise<InstalledImage> {
  const { files, random, spoolDirectory, limits } = deps;
  const { manifest, name } = wanted;
  const what = `the config of ${name}`;
  const config = parseImageConfig(await session.content(manifest.config, what, limits.configBytesMax, signal), name);
  checkImage(deps, wanted, config);
  const directory = join(spoolDirectory, random.hex(NAME_DIGITS));
  await files.makeDirectory(spoolDirectory, DIRECTORY_MODE);
  await files.makeDirectory(directory, DIRECTORY_MODE);
  try {
    const layers = await downloadLayers(deps, session, wanted, config, directory, signal);
    deps.log.debug({ image: name, layers: layers.length }, "image downloaded");
    return await upload(deps, wanted, config, layers, signal);
  } finally {
    await files.removeTree(directory);
  }
}

function checkImage(
  { node, limits }: InstallDeps,
  { name, manifest }: WantedImage,
  { platform, diffIds }: ImageConfig,
): void {
  if (!runsOn(platform, node)) {
    throw new InvalidImageError(
      `${name} is an image for ${platformText(platform)}, not for linux/${node.architecture}`,
    );
  }
  const { layers } = manifest;
  if (layers.length !== diffIds.length) {
    throw new InvalidImageError(`${name} has ${layers.length} layers, but its config names ${diffIds.length}`);
  }
  if (layers.length > limits.layersMax) throw new InvalidImageError(`${name} has more than ${limits.layersMax} layers`);
}

/** A layer that an image has twice is downloaded once. */
async function downloadLayers(
  deps: InstallDeps,
  session: Pick<RegistrySession, "blob">,
  { name, manifest }: WantedImage,
  { diffIds }: ImageConfig,
  directory: string,
  signal: AbortSignal,
): Promise<Layer[]> {
  const { limits } = deps;
  const budget = createBudget(limits);
  const unique = [
    ...new Map(
      manifest.layers.map((layer, position) => [layer.digest, { layer, diffId: diffIds[position] ?? "" }]),
    ).values(),
  ];
  const totalBytes = unique.reduce((sum, { layer }) => sum + layer.size, 0);
  using progress = createProgress(deps, { image: name, layers: unique.length }, totalBytes, limits.progressMs);
  const stored = await inParallel(
    unique,
    limits.layersParallel,
    signal,
    async ({ layer, diffId }, either, position) => {
      const what = `layer ${layer.digest} of ${name}`;
      const content = (useful: AbortSignal) => progress.count(session.blob(layer, what, useful));
      return await storeLayer(
        { ...deps, budget },
        { content, diffId, what },
        join(directory, String(position)),
        either,
      );
    },
  );
  const byDigest = new Map(unique.map(({ layer }, position) => [layer.digest, stored[position]]));
  return manifest.layers.flatMap(({ digest }) => byDigest.get(digest) ?? []);
}

async function upload(
  { lxd, files, limits, node, random }: InstallDeps,
  wanted: WantedImage,
  config: ImageConfig,
  layers: readonly Layer[],
  signal: AbortSignal,
): Promise<InstalledImage> {
  const { volumes, workingDir } = config.run;
  const directories = workingDir === "" ? volumes : [...volumes, workingDir];
  const tree = await mergeLayers({ files, random, limits }, layers, directories, signal);
  await using contents = createLayerReader(files, layers);
  const users = await imageUsers(tree, contents, [...MOUNT_POINT_LINKS, ...volumes]);
  const metadata = metadataEntry({
    architecture: node.lxdName,
    createdS: config.createdS,
    properties: lastingProperties(wanted, config, users, limits),
  });
  const oci = { config: wanted.manifest.config.digest, digests: [wanted.repoDigest] };
  // Not in the metadata: the same image has the same bytes, wherever it comes from.
  const properties = { description: wanted.name, [OCI_PROPERTY]: JSON.stringify(oci) };
  const file = imageTar(metadata, tree, contents);
  const { fingerprint, created } = await lxd.images.upload({ file, properties }, { signal });
  return { fingerprint, repoDigests: created ? oci.digests : [] };
}

/** What the image itself says; the same for all its names. */
function lastingProperties(
  { manifest }: WantedImage,
  config: ImageConfig,
  users: ImageUsers,
  limits: OciLimits,
): Record<string, string> {
  const labels = JSON.stringify(config.labels);
  const usersText = JSON.stringify(users);
  return {
    // LXD knows images by their bytes: two that differ only in what lxe does not read must be two there as well.
    serial: manifest.config.digest,
    [TYPE_PROPERTY]: "app",
    [RUN_PROPERTY]: JSON.stringify(config.run),
    ...(Buffer.byteLength(usersText) <= USERS_PROPERTY_BYTES_MAX && { [USERS_PROPERTY]: usersText }),
    ...(labels !== "{}" && Buffer.byteLength(labels) <= limits.labelsBytesMax && { [LABELS_PROPERTY]: labels }),
  };
}
