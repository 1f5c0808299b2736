/** Images of OCI registries: lxe downloads and converts them, for LXD cannot. */
import { createHash } from "node:crypto";
import { NotFoundError } from "@lxe/cri";
import type { LxdClient } from "@lxe/lxd-client";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/logger.ts";
import type { ImageSource } from "../image-source.ts";
import { createSharedTasks, type SharedTasks } from "../shared-tasks.ts";
import type { ImageStore } from "../store.ts";
import type { ImageRecord } from "../types.ts";
import { type InstallDeps, type InstalledImage, installImage } from "./install.ts";
import { keepNames } from "./names.ts";
import { formatReference, type OciReference, repositoryOf, tryParseReference } from "./reference.ts";
import type { RegistryAuth } from "./registry/auth/credentials.ts";
import { openRegistry, type RegistryDeps } from "./registry/session.ts";
import { resolveImage } from "./resolve.ts";

export interface OciDeps
  extends Omit<InstallDeps, "clock" | "random" | "log" | "lxd">,
    Omit<RegistryDeps, "clock" | "random" | "log" | "files"> {
  readonly lxd: { readonly images: Pick<LxdClient["images"], "upload" | "modify" | "aliases"> };
  readonly clock: Clock;
  readonly random: InstallDeps["random"] & RegistryDeps["random"];
  readonly log: Logger;
  readonly store: ImageStore;
}

export interface OciSources {
  /** Takes the names that `isOurs` says are meant for registries. */
  source(isOurs: (name: string) => boolean): ImageSource;
  /** Removes what an earlier process left of its downloads. */
  tidyUp(): Promise<void>;
}

interface Puller {
  readonly deps: OciDeps;
  /** By image id: one image is converted once, whatever the names that it is pulled by. */
  readonly installs: SharedTasks<InstalledImage>;
}

export function createOciSources(deps: OciDeps): OciSources {
  const puller = { deps, installs: createSharedTasks<InstalledImage>() };
  return {
    source: (isOurs) => ({
      plan: (name, auth) => {
        const reference = isOurs(name) ? tryParseReference(name) : undefined;
        if (reference === undefined) return undefined;
        return {
          key: `oci ${formatReference(reference)} ${fingerprintOf(auth)}`,
          pull: (signal) => pull(puller, reference, auth, signal),
        };
      },
    }),
    tidyUp: () => deps.files.removeTree(deps.spoolDirectory),
  };
}

async function pull(
  { deps, installs }: Puller,
  reference: OciReference,
  auth: RegistryAuth | undefined,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const { store, clock, log } = deps;
  const startedMs = clock.monotonicMs();
  const image = formatReference(reference);
  await using owned = new AsyncDisposableStack();
  const session = owned.use(await openRegistry(deps, reference, auth));
  const resolved = await resolveImage(session, reference, deps.node, deps.limits, signal);
  const id = resolved.manifest.config.digest;
  const repoDigest = `${repositoryOf(reference)}@${resolved.digest}`;
  const present = store.catalog.byId(id);
  const install = async (shared: AbortSignal): Promise<InstalledImage> => {
    // Others may wait for it when this pull has been given up.
    await using _session = owned.move();
    return await installImage(deps, session, { name: image, manifest: resolved.manifest, repoDigest }, shared);
  };
  const installed = present === undefined ? await installs.run(id, install, signal) : installedOf(present);
  const { fingerprint } = installed;
  const isChanged = await keepNames(deps, store.catalog, installed, { id, reference, repoDigest }, signal);
  if (isChanged || present === undefined) await store.refresh(signal);
  const record = store.catalog.byFingerprint(fingerprint);
  if (record === undefined) throw new NotFoundError(`image ${image} was removed while it was being pulled`);
  const durationMs = Math.round(clock.monotonicMs() - startedMs);
  log.info({ image, id, downloaded: present === undefined, durationMs }, "image pulled");
  return record;
}

function installedOf({ fingerprint, repoDigests }: ImageRecord): InstalledImage {
  return { fingerprint, repoDigests };
}

/** Who may pull an image is the registry's to say: pulls with different credentials are not one. */
function fingerprintOf(auth: RegistryAuth | undefined): string {
  return createHash("sha256")
    .update(JSON.stringify(auth ?? null))
    .digest("hex");
}
