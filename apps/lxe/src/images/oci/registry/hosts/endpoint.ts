/** Where an image may be had from: a registry or a mirror of it, and how to talk to it. */

export interface ClientCertificate {
  /** Path of a PEM file. */
  readonly certificate: string;
  /** Path of a PEM file; empty: the certificate's file holds it. */
  readonly key: string;
}

export interface Endpoint {
  /** With the path that the API's own paths are added to, without a slash at its end: `https://registry.example/v2`. */
  readonly base: URL;
  /** A mirror is told which registry it stands for. */
  readonly isMirror: boolean;
  /** May be asked which content a tag means. */
  readonly canResolve: boolean;
  /** May be asked for content by its digest. */
  readonly canPull: boolean;
  readonly skipVerify: boolean;
  /** Paths of PEM files. */
  readonly authorities: readonly string[];
  readonly clients: readonly ClientCertificate[];
  /** Sent with each request to it, and to nobody else. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

const API_PATH = "/v2";
const DOCKER_HUB = "docker.io";
const DOCKER_HUB_REGISTRY = "registry-1.docker.io";

/** What is asked where nothing is configured. Registries on this machine speak plain HTTP. */
export function defaultEndpoint(domain: string): Endpoint {
  const host = domain === DOCKER_HUB ? DOCKER_HUB_REGISTRY : domain;
  const url = new URL(`https://${host}`);
  if (isLoopback(url.hostname) && url.port !== "443" && !domain.endsWith(":443")) url.protocol = "http:";
  return endpointOf(url);
}

/** `overridePath`: the URL's path is the whole one. */
export function endpointOf(url: URL, overridePath = false): Endpoint {
  return {
    base: apiBase(url, overridePath),
    isMirror: false,
    canResolve: true,
    canPull: true,
    skipVerify: false,
    authorities: [],
    clients: [],
    headers: {},
  };
}

function apiBase(url: URL, overridePath: boolean): URL {
  const base = new URL(url);
  const path = base.pathname.replace(/\/+$/u, "");
  base.pathname = overridePath || path.endsWith(API_PATH) ? path : `${path}${API_PATH}`;
  return base;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/u.test(hostname);
}
