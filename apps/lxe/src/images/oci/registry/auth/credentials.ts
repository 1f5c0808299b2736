/** CRI's credentials → what is shown to a registry. Pure. Nothing here is ever logged or put into an error. */
import { InvalidArgumentError } from "@lxe/cri";

/** The fields of CRI's AuthConfig. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  /** `username:password` in base64. */
  readonly auth: string;
  /** Host name or URL; empty: whoever is asked. */
  readonly serverAddress: string;
  /** Is exchanged for tokens. */
  readonly identityToken: string;
  /** Is a token. */
  readonly registryToken: string;
}

export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  | { readonly kind: "identity"; readonly token: string }
  | { readonly kind: "bearer"; readonly token: string };

const NONE: Credentials = { kind: "none" };
const DOCKER_HUB_NAMES = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/**
 * What to show to `host` (with its port). Credentials for another server are none. Of several forms the most particular counts: a
 * token, an identity token, a user's name, the encoded form.
 */
export function credentialsFor(auth: RegistryAuth | undefined, host: string): Credentials {
  if (auth === undefined || !isFor(auth.serverAddress, host)) return NONE;
  const { registryToken, identityToken, username, password } = auth;
  if (registryToken !== "") return { kind: "bearer", token: registryToken };
  if (identityToken !== "") return { kind: "identity", token: identityToken };
  if (username !== "" || password !== "") return { kind: "password", username, password };
  return auth.auth === "" ? NONE : decoded(auth.auth);
}

export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function isFor(serverAddress: string, host: string): boolean {
  if (serverAddress === "") return true;
  const address = /^[a-z]+:\/\//u.test(serverAddress) ? serverAddress : `https://${serverAddress}`;
  return URL.canParse(address) && canonical(new URL(address).host) === canonical(host);
}

function canonical(host: string): string {
  const name = host.replace(/:443$/u, "").toLowerCase();
  return DOCKER_HUB_NAMES.has(name) ? "docker.io" : name;
}

function decoded(auth: string): Credentials {
  const text = Buffer.from(auth, "base64").toString().replace(/\0+$/u, "");
  const colon = text.indexOf(":");
  if (colon < 0) throw new InvalidArgumentError("auth.auth is not the base64 of username:password");
  return { kind: "password", username: text.slice(0, colon), password: text.slice(colon + 1) };
}
