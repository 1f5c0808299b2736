/** What one pull asks of an image's registry and its mirrors. Content by digest is verified, whoever gave it. */
import type { Clock } from "../../../platform/clock.ts";
import type { HostFiles } from "../../../platform/host-files.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Random } from "../../../platform/random.ts";
import { checkBytes, digestOf, verified } from "../digest.ts";
import { ImageMissingError, RegistryProtocolError, RegistryUnavailableError } from "../errors.ts";
import type { OciLimits } from "../limits.ts";
import type { Descriptor } from "../manifest/manifest.ts";
import { MANIFEST_ACCEPT } from "../manifest/media-types.ts";
import { formatReference, type OciReference } from "../reference.ts";
import { credentialsFor, type RegistryAuth } from "./auth/credentials.ts";
import { downloadBlob } from "./blob.ts";
import { createEndpointClient, type EndpointClient } from "./endpoint-client.ts";
import { endpointsFor } from "./hosts/hosts-directory.ts";
import { createDispatchers } from "./http/dispatchers.ts";
import { headerOf, readSmall } from "./http/exchange.ts";
import type { Environment } from "./http/proxies.ts";
import { retry } from "./http/retry.ts";
import { TransientError } from "./http/transient.ts";

export interface RegistryDeps {
  readonly clock: Pick<Clock, "setTimeout" | "sleep">;
  readonly random: Pick<Random, "float">;
  readonly files: Pick<HostFiles, "readFile" | "list">;
  readonly log: Pick<Logger, "debug">;
  /** For proxies. */
  readonly environment: Environment;
  /** With containerd's hosts.toml files; undefined: none. */
  readonly configDirectory: string | undefined;
  readonly limits: OciLimits;
}

export interface FetchedManifest {
  readonly bytes: Buffer;
  /** As the registry says. */
  readonly contentType: string;
  /** Of the bytes. */
  readonly digest: string;
}

export interface RegistrySession extends AsyncDisposable {
  /** What the tag or digest stands for. */
  manifest(tagOrDigest: Pick<OciReference, "tag" | "digest">, signal: AbortSignal): Promise<FetchedManifest>;
  /** Small content: a config. */
  content(descriptor: Descriptor, what: string, bytesMax: number, signal: AbortSignal): Promise<Buffer>;
  /** Large content, as it comes. A broken download is continued where it broke. */
  blob(descriptor: Descriptor, what: string, signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

/**
 * Connections and tokens are kept until it is disposed of. Errors are RegistryUnavailableError, ImageMissingError, AccessDeniedError, RegistryProtocolError, InvalidImageError,
 * RegistryConfigError, or the signal's reason.
 */
export async function openRegistry(
  deps: RegistryDeps,
  reference: OciReference,
  auth: RegistryAuth | undefined,
): Promise<RegistrySession> {
  const { domain, path: repository } = reference;
  const endpoints = await endpointsFor(domain, deps.configDirectory, deps.files);
  const dispatchers = createDispatchers(deps.files, deps.environment);
  const clients = endpoints.map((endpoint) =>
    createEndpointClient({
      ...deps,
      endpoint,
      dispatchers,
      domain,
      repository,
      credentials: credentialsFor(auth, endpoint.base.host),
    }),
  );
  const image = formatReference(reference);

  return {
    manifest: async ({ tag, digest }, signal) => {
      const session = { ...deps, image, signal };
      const usable = clients.filter(({ endpoint }) => (digest === undefined ? endpoint.canResolve : endpoint.canPull));
      return await firstOf(session, usable, (client) => fetchManifest(session, client, digest ?? tag ?? "", digest));
    },
    content: async ({ digest, size }, what, bytesMax, signal) => {
      if (size > bytesMax) throw new RegistryProtocolError(`${what} has ${size} bytes; ${bytesMax} are allowed`);
      const usable = clients.filter(({ endpoint }) => endpoint.canPull);
      const bytes = await firstOf({ ...deps, image, signal }, usable, async (client) => {
        const answer = await client.get(`blobs/${digest}`, {}, signal);
        return await readSmall(deps, answer, bytesMax, signal);
      });
      checkBytes(bytes, { digest, size, what });
      return bytes;
    },
    blob: (descriptor, what, signal) => {
      const usable = clients.filter(({ endpoint }) => endpoint.canPull);
      const download = { ...deps, image, signal };
      const open = (headers: Readonly<Record<string, string>>) =>
        firstOf(download, usable, (client) => client.get(`blobs/${descriptor.digest}`, headers, signal));
      return verified(downloadBlob(download, descriptor, open), { ...descriptor, what });
    },
    [Symbol.asyncDispose]: () => dispatchers.destroy(),
  };
}

interface Session extends RegistryDeps {
  /** For errors. */
  readonly image: string;
  readonly signal: AbortSignal;
}

async function fetchManifest(
  session: Session,
  client: EndpointClient,
  reference: string,
  digest: string | undefined,
): Promise<FetchedManifest> {
  const { limits, signal, image } = session;
  const answer = await client.get(`manifests/${reference}`, { accept: MANIFEST_ACCEPT }, signal);
  const said = headerOf(answer, "docker-content-digest");
  const contentType = headerOf(answer, "content-type") ?? "";
  const bytes = await readSmall(session, answer, limits.manifestBytesMax, signal);
  const expected = digest ?? said;
  // A registry may name its manifests by a hash that we do not use, unless we asked for it.
  if (digest !== undefined || expected?.startsWith("sha256:") === true) {
    checkBytes(bytes, { digest: expected ?? "", size: undefined, what: `the manifest of ${image}` });
  }
  return { bytes, contentType, digest: digest ?? digestOf(bytes) };
}

/** Asks the endpoints in turn. The last one is the registry itself: its refusal counts, unless it cannot be reached and another refused. */
async function firstOf<Value>(
  session: Session,
  clients: readonly EndpointClient[],
  ask: (client: EndpointClient) => Promise<Value>,
): Promise<Value> {
  const failures: unknown[] = [];
  for (const client of clients) {
    try {
      return await retry(session, session.signal, () => ask(client));
    } catch (error) {
      session.signal.throwIfAborted();
      failures.push(error);
      session.log.debug(
        { err: error, image: session.image, registry: client.endpoint.base.host },
        "the registry does not give it",
      );
    }
  }
  throw worst(session, failures);
}

function isFinal(error: unknown): boolean {
  return !(error instanceof TransientError);
}

function worst({ image }: Session, failures: readonly unknown[]): unknown {
  const last = failures.at(-1);
  const final = isFinal(last)
    ? last
    : failures.findLast((error) => isFinal(error) && !(error instanceof ImageMissingError));
  if (final !== undefined) return final;
  const texts = failures.map((error) => (error instanceof Error ? error.message : String(error)));
  return new RegistryUnavailableError(`cannot pull ${image}: ${texts.join("; ")}`, { cause: last });
}
