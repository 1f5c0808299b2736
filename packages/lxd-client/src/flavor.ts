/** All differences between LXD and Incus that this client knows, and how to find a server's socket. */
import { accessSync, constants } from "node:fs";
import type { Server } from "./schema/server.ts";

export interface Flavor {
  name: "lxd" | "incus";
  /** Of the headers for files and uploads. */
  headerPrefix: "X-LXD-" | "X-Incus-";
  /** Of metric names. */
  metricsPrefix: "lxd_" | "incus_";
  /** The config key that gives guests their API socket. */
  guestApiKey: "security.devlxd" | "security.guestapi";
  /** Image server protocol of its own kind. */
  imageProtocol: "lxd" | "incus";
  /** Whether an instance's `lxc.conf` can be read as one of its logs. */
  servesLxcConfig: boolean;
}

export const lxdFlavor: Flavor = {
  name: "lxd",
  headerPrefix: "X-LXD-",
  metricsPrefix: "lxd_",
  guestApiKey: "security.devlxd",
  imageProtocol: "lxd",
  servesLxcConfig: true,
};

export const incusFlavor: Flavor = {
  name: "incus",
  headerPrefix: "X-Incus-",
  metricsPrefix: "incus_",
  guestApiKey: "security.guestapi",
  imageProtocol: "incus",
  servesLxcConfig: false,
};

export function flavorOf(server: Server): Flavor {
  return server.environment?.server === "incus" ? incusFlavor : lxdFlavor;
}

/** Reads a header of a file or image answer whichever flavor sent it; `name` without the prefix. */
export function flavoredHeader(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  name: string,
): string | undefined {
  for (const { headerPrefix } of [lxdFlavor, incusFlavor]) {
    const value = headers[`${headerPrefix}${name}`.toLowerCase()];
    if (typeof value === "string") return value;
  }
  return undefined;
}

/**
 * Where the server's socket is, by the rules of the servers' own clients: explicit variables first, then the first well-known
 * place that can be written to. Undefined if there is none.
 */
export function guessSocketPath(
  env: Readonly<Record<string, string | undefined>>,
  isWritable: (path: string) => boolean = canWrite,
): string | undefined {
  const explicit = fromEnvironment(env);
  if (explicit !== undefined) return explicit;
  return wellKnownSockets.find(isWritable);
}

const wellKnownSockets = [
  "/var/snap/lxd/common/lxd/unix.socket",
  "/var/lib/lxd/unix.socket",
  "/run/incus/unix.socket",
  "/var/lib/incus/unix.socket",
];

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const name of ["LXD", "INCUS"]) {
    const socket = env[`${name}_SOCKET`];
    if (socket) return socket;
    const directory = env[`${name}_DIR`];
    if (directory) return `${directory.replace(/\/+$/, "")}/unix.socket`;
  }
  return undefined;
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
