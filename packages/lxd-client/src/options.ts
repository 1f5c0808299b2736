/** What `createLxdClient` takes. */
import type { Clock, Random } from "./clock.ts";
import type { Limits } from "./limits.ts";
import type { Wire } from "./transport/wire.ts";

export interface UnixSocketEndpoint {
  socketPath: string;
}

export interface HttpsEndpoint {
  /** e.g. `https://lxd.example:8443`. */
  url: string;
  /** PEM of the client certificate that the server trusts, and its key. */
  certificate: string;
  key: string;
  /** PEM: exactly this certificate is accepted, whatever its names. Default: the system's authorities decide. */
  serverCertificate?: string | undefined;
}

/** A server that is reached without sockets: for simulations. */
export interface WireEndpoint {
  wire: Wire;
}

export type LxdEndpoint = UnixSocketEndpoint | HttpsEndpoint | WireEndpoint;

export interface LxdClientOptions {
  /** Sent with every request. Default: the server's default project. */
  project?: string | undefined;
  userAgent?: string | undefined;
  clock?: Clock | undefined;
  random?: Random | undefined;
  /** Single values can be overridden. */
  limits?: Partial<Limits> | undefined;
}
