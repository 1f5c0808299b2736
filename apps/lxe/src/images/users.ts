/** Who the users of an image are: looked up once, then kept with the image in LXD. */
import { isLxdError, type LxdClient } from "@lxe/lxd-client";
import type { Logger } from "../platform/logger.ts";
import { readInstanceText, readLinks } from "./instance-file.ts";
import { USERS_FILE_BYTES_MAX, USERS_PROPERTY_BYTES_MAX } from "./limits.ts";
import type { Probes } from "./probe.ts";
import { USERS_PROPERTY, usersOf } from "./properties.ts";
import { createSharedTasks } from "./shared-tasks.ts";
import type { ImageStore } from "./store.ts";
import type { ImageRecord, ImageUsers } from "./types.ts";

interface UsersDeps {
  readonly lxd: {
    readonly images: Pick<LxdClient["images"], "patch">;
    readonly instances: Pick<LxdClient["instances"], "files">;
  };
  readonly probes: Probes;
  readonly store: ImageStore;
  readonly storagePool: () => string | Promise<string>;
  readonly log: Pick<Logger, "warn">;
}

/** Paths that containers have mounts at or below, and that images are known to have links at. */
export const MOUNT_POINT_LINKS = [
  "/var/run",
  "/var/tmp",
  "/var/lock",
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/hostname",
];

export type UsersLookup = (image: ImageRecord, signal?: AbortSignal) => Promise<ImageUsers>;

export function createUsersLookup(deps: UsersDeps): UsersLookup {
  const known = new Map<string, ImageUsers>();
  const lookups = createSharedTasks<ImageUsers>();

  async function lookUp(fingerprint: string, signal: AbortSignal): Promise<ImageUsers> {
    const users = await readUsers(deps, fingerprint, signal);
    known.set(fingerprint, users);
    await keep(deps, fingerprint, users, signal);
    return users;
  }

  return async ({ fingerprint }, signal) => {
    const properties = deps.store.catalog.image(fingerprint)?.properties ?? {};
    const users = usersOf(properties) ?? known.get(fingerprint);
    return users ?? (await lookups.run(fingerprint, (shared) => lookUp(fingerprint, shared), signal));
  };
}

async function readUsers(deps: UsersDeps, fingerprint: string, signal: AbortSignal): Promise<ImageUsers> {
  const { files } = deps.lxd.instances;
  const pool = await deps.storagePool();
  return await deps.probes.use(fingerprint, pool, async (instance) => ({
    passwd: await readInstanceText(files, instance, "/etc/passwd", USERS_FILE_BYTES_MAX, signal),
    group: await readInstanceText(files, instance, "/etc/group", USERS_FILE_BYTES_MAX, signal),
    links: await readLinks(files, instance, MOUNT_POINT_LINKS, signal),
  }));
}

async function keep(deps: UsersDeps, fingerprint: string, users: ImageUsers, signal: AbortSignal): Promise<void> {
  const text = JSON.stringify(users);
  if (Buffer.byteLength(text) > USERS_PROPERTY_BYTES_MAX) return;
  try {
    await deps.lxd.images.patch(fingerprint, { properties: { [USERS_PROPERTY]: text } }, { signal });
  } catch (error) {
    if (!isLxdError(error)) throw error;
    // They are known all the same; the next process looks them up again.
    deps.log.warn({ err: error, fingerprint }, "cannot keep an image's users in LXD");
  }
}
