/** How to reach the server: turns an endpoint into what undici and ws need. Does not connect. */
import { X509Certificate } from "node:crypto";
import { connect, isIP } from "node:net";
import { type PeerCertificate, connect as tlsConnect } from "node:tls";
import type { buildConnector } from "undici";
import type { ClientOptions } from "ws";
import type { HttpsEndpoint, UnixSocketEndpoint } from "../options.ts";

export interface Connection {
  /** e.g. `http://lxd`; the name means nothing on a unix socket. */
  httpOrigin: string;
  websocketOrigin: string;
  http: buildConnector.BuildOptions;
  websocket: ClientOptions;
}

export function connectionTo(endpoint: UnixSocketEndpoint | HttpsEndpoint): Connection {
  return "socketPath" in endpoint ? overUnixSocket(endpoint.socketPath) : overHttps(endpoint);
}

function overUnixSocket(socketPath: string): Connection {
  return {
    httpOrigin: "http://lxd",
    websocketOrigin: "ws://lxd",
    http: { socketPath },
    websocket: { createConnection: () => connect(socketPath) },
  };
}

function overHttps(endpoint: HttpsEndpoint): Connection {
  const url = new URL(endpoint.url);
  const tls = {
    cert: endpoint.certificate,
    key: endpoint.key,
    ...(endpoint.serverCertificate === undefined ? {} : pinned(endpoint.serverCertificate)),
  };
  return {
    httpOrigin: `https://${url.host}`,
    websocketOrigin: `wss://${url.host}`,
    http: tls,
    websocket: {
      createConnection: () =>
        tlsConnect(Number(url.port || 443), url.hostname.replace(/^\[|\]$/g, ""), { ...tls, servername: nameOf(url) }),
    },
  };
}

/** LXD signs its own certificate, with names that need not fit the address: only the very certificate counts. */
function pinned(pem: string) {
  const expected = new X509Certificate(pem).fingerprint256;
  return {
    ca: pem,
    checkServerIdentity: (_host: string, certificate: PeerCertificate): Error | undefined =>
      certificate.fingerprint256 === expected ? undefined : new Error("the server's certificate is not the pinned one"),
  };
}

/** Server name indication is for names only. */
function nameOf(url: URL): string {
  return isIP(url.hostname) === 0 && !url.hostname.startsWith("[") ? url.hostname : "";
}
