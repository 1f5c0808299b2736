/** Images on an LXD behind a socket, as a test wants them: in a project and with remotes of their own, and without a trace afterwards. */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLxdClient, isLxdError, type LxdClient } from "@lxe/lxd-client";
import { createConfig } from "../../config/config.ts";
import { createSystemClock } from "../../platform/system-clock.ts";
import { createSystemHostFiles } from "../../platform/system-host-files.ts";
import { createLogger, type Logger } from "../../platform/logger.ts";
import { temporaryDirectory } from "../../platform/testing/temporary-directory.ts";
import { createImages, type ImagesDeps } from "../create-images.ts";
import type { Images } from "../types.ts";
import { type SmallFiles, unifiedImage } from "./small-image.ts";

export interface ImagesFixture extends AsyncDisposable {
  readonly lxd: LxdClient;
  readonly images: Images;
  /** What was said in the log, in all levels. */
  readonly logged: readonly string[];
  /** Another lxe on the same LXD, as after a restart; refreshed. */
  restart(): Promise<Images>;
  /** Uploads an image with these aliases, and refreshes. Its fingerprint. */
  upload(flavour: string, aliases: readonly string[], files?: SmallFiles): Promise<string>;
  /** Writes the config.yml of the lxc client: remote name to its entry. Read at the next refresh. */
  setRemotes(remotes: Readonly<Record<string, RemoteEntry>>): Promise<void>;
}

export interface RemoteEntry {
  readonly addr: string;
  readonly protocol: "simplestreams" | "lxd";
  readonly certificate?: string;
}

export async function openImages(
  socketPath: string,
  imageRemote = "local",
  oci?: ImagesDeps["oci"],
): Promise<ImagesFixture> {
  const directory = await temporaryDirectory();
  const project = `lxe-images-${randomBytes(4).toString("hex")}`;
  const lxd = createLxdClient({ socketPath }, { project });
  await lxd.projects.create({ name: project, config: { "features.images": "true", "features.profiles": "true" } });
  const logged: string[] = [];
  const log = createLogger({ level: "trace", format: "json" }, { write: (line) => void logged.push(line) });
  const start = () => imagesOn(lxd, socketPath, directory.path, imageRemote, oci, log);
  const images = start();
  await images.refresh();
  return {
    lxd,
    images,
    logged,
    restart: async () => {
      const again = start();
      await again.refresh();
      return again;
    },
    upload: async (flavour, aliases, files) => {
      const { fingerprint } = await lxd.images.upload({ file: await unifiedImage(flavour, files) });
      for (const name of aliases) await lxd.images.aliases.create({ name, target: fingerprint });
      await images.refresh();
      return fingerprint;
    },
    setRemotes: async (remotes) => {
      await writeRemotes(directory.path, remotes);
      await images.refresh();
    },
    [Symbol.asyncDispose]: async () => {
      await removeImages(lxd);
      await lxd.projects.delete(project);
      await lxd.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

function imagesOn(
  lxd: LxdClient,
  socketPath: string,
  directory: string,
  lxdImageRemote: string,
  oci: ImagesDeps["oci"],
  log: Logger,
): Images {
  const lxdRemoteConfig = join(directory, "config.yml");
  return createImages({
    lxd,
    clock: createSystemClock(),
    files: createSystemHostFiles(),
    log,
    config: createConfig({ lxdSocket: socketPath, lxdRemoteConfig, lxdImageRemote }),
    storagePool: () => "default",
    ...(oci && { oci }),
  });
}

async function writeRemotes(directory: string, remotes: Readonly<Record<string, RemoteEntry>>): Promise<void> {
  await mkdir(join(directory, "servercerts"), { recursive: true });
  for (const [name, { certificate }] of Object.entries(remotes)) {
    if (certificate !== undefined) await writeFile(join(directory, "servercerts", `${name}.crt`), certificate);
  }
  // JSON is YAML.
  await writeFile(join(directory, "config.yml"), JSON.stringify({ remotes }));
}

async function removeImages(lxd: LxdClient): Promise<void> {
  for (const { fingerprint } of await lxd.images.list()) {
    await lxd.images.delete(fingerprint).catch((error: unknown) => {
      if (!isLxdError(error, "not-found")) throw error;
    });
  }
}
