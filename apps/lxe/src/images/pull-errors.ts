/** Turns what LXD says about a failed download into what the kubelet and its users can use. Pure. */
import { NotFoundError, UnknownError } from "@lxe/cri";
import { isLxdError } from "@lxe/lxd-client";
import type { ImageServer, Remotes } from "./remotes.ts";
import { closestNames } from "./closest-names.ts";

/** The kubelet recognises this beginning and shows it as the reason. */
const UNAVAILABLE_PREFIX = "RegistryUnavailable: ";

const MISSING = /couldn't be found|not found|doesn't exist/iu;
const UNREACHABLE =
  /unable to connect|dial tcp|no such host|connection (refused|reset)|i\/o timeout|handshake timeout|no route to host|network is unreachable|deadline exceeded|unexpected EOF|unable to fetch .*: (5\d\d|429)/iu;

/** Did the server say that it has no such image? A server without an index answers 404 to that: it is no image server at all. */
export function isMissing(error: unknown): boolean {
  const text = lxdText(error);
  return text !== undefined && MISSING.test(text) && !/unable to fetch/iu.test(text);
}

/** The error to give for a download that LXD could not do; errors of other kinds (LXD itself is away) stay as they are. */
export function pullError(error: unknown, server: ImageServer, reference: string): unknown {
  const text = lxdText(error);
  if (text === undefined) return error;
  if (UNREACHABLE.test(text)) {
    const message = `${UNAVAILABLE_PREFIX}cannot pull ${reference}: ${server.address} (remote "${server.name}"): ${text}`;
    return new UnknownError(message, { cause: error });
  }
  return new UnknownError(`cannot pull ${reference} from ${server.address} (remote "${server.name}"): ${text}`, {
    cause: error,
  });
}

export function missingOnServer(server: ImageServer, alias: string, cause: unknown): NotFoundError {
  return new NotFoundError(
    `image ${alias} not found: ${server.address} (remote "${server.name}") has no such alias or fingerprint; "lxc image list ${server.name}:" shows what it has`,
    { cause },
  );
}

/** Neither an image of LXD nor the name of a remote. */
export function missingLocally(reference: string, aliases: readonly string[], remotes: Remotes): NotFoundError {
  const head = reference.split("/", 1)[0] ?? reference;
  const near = [
    hint("images here with a similar name", closestNames(reference, aliases)),
    hint("remotes with a similar name", closestNames(head, [...remotes.keys()])),
  ].filter((part) => part !== "");
  const known = `known remotes: ${[...remotes.keys()].join(", ")}`;
  return new NotFoundError(
    `image ${reference} not found in LXD, and it names no remote; ${[...near, known].join("; ")}`,
  );
}

function hint(what: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${what}: ${names.join(", ")}`;
}

/** What LXD said when it answered at all. */
function lxdText(error: unknown): string | undefined {
  return isLxdError(error) ? error.lxdMessage : undefined;
}
