/** Images of image servers: LXD downloads them, and an alias remembers under which name. */
import { NotFoundError } from "@lxe/cri";
import type { ImageResult, LxdClient } from "@lxe/lxd-client";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import { pointAlias } from "./alias.ts";
import { download, type Wanted } from "./download.ts";
import type { ImageSource } from "./image-source.ts";
import { isMissing, missingOnServer, pullError } from "./pull-errors.ts";
import { type Naming, pulledAlias, type RemoteName, spellings, wholeFingerprint, withoutDigest } from "./reference.ts";
import { type ImageServer, namingOf } from "./remotes.ts";
import type { ImageStore } from "./store.ts";
import type { ImageRecord } from "./types.ts";

export interface ServerSourceDeps {
  readonly lxd: {
    readonly images: Pick<LxdClient["images"], "copy" | "aliases">;
    readonly operations: Pick<LxdClient["operations"], "cancel">;
  };
  readonly store: ImageStore;
  readonly defaultRemote: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Which server a name belongs to, and its name there; undefined: none. */
type ServerOfName = (name: string, naming: Naming) => RemoteName | undefined;

export function createServerSource(deps: ServerSourceDeps, serverOf: ServerOfName): ImageSource {
  return {
    plan: (reference) => {
      const { store, defaultRemote } = deps;
      const name = serverOf(withoutDigest(reference), namingOf(store.remotes, defaultRemote));
      const server = name === undefined ? undefined : store.remotes.get(name.remote);
      if (name === undefined || server?.kind !== "server") return undefined;
      return { key: `${server.address} ${reference}`, pull: (signal) => pull(deps, server, name, reference, signal) };
    },
  };
}

async function pull(
  deps: ServerSourceDeps,
  server: ImageServer,
  name: RemoteName,
  reference: string,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const startedMs = deps.clock.monotonicMs();
  const fingerprint = wholeFingerprint(reference);
  const result =
    fingerprint === undefined
      ? await pullName(deps, server, name, reference, signal)
      : await downloadFirst(deps, server, [{ fingerprint }], reference, signal);
  await deps.store.refresh(signal);
  const record = deps.store.catalog.byFingerprint(result.fingerprint);
  if (record === undefined) throw new NotFoundError(`image ${reference} was removed while it was being pulled`);
  const durationMs = Math.round(deps.clock.monotonicMs() - startedMs);
  deps.log.info({ image: reference, id: record.id, downloaded: result.created, durationMs }, "image pulled");
  return record;
}

async function pullName(
  deps: ServerSourceDeps,
  server: ImageServer,
  name: RemoteName,
  reference: string,
  signal: AbortSignal,
): Promise<ImageResult> {
  const wanted = spellings(name.alias).map((alias) => ({ alias }));
  const result = await downloadFirst(deps, server, wanted, reference, signal);
  const alias = pulledAlias({ remote: name.remote, alias: result.wanted.alias });
  await pointAlias(deps.lxd.images.aliases, alias, result.fingerprint, signal);
  return result;
}

/** The first of these that the server has. */
async function downloadFirst<Kind extends Wanted>(
  deps: ServerSourceDeps,
  server: ImageServer,
  choices: readonly Kind[],
  reference: string,
  signal: AbortSignal,
): Promise<ImageResult & { readonly wanted: Kind }> {
  let missing: unknown;
  for (const wanted of choices) {
    try {
      return { ...(await download(deps, server, wanted, signal)), wanted };
    } catch (error) {
      if (!isMissing(error)) throw pullError(error, server, reference);
      missing = error;
    }
  }
  throw missingOnServer(server, reference, missing);
}
