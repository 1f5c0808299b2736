/**
 * Image servers by name: those of the `lxc` client's config.yml over LXD's built-in ones. Pure; `remote-config.ts` reads the files.
 *
 * LXD itself downloads, so only what it speaks counts: `simplestreams` and `lxd`. It takes plain http for simplestreams, and for https a
 * certificate that its host trusts or the one given here.
 */
import { parse } from "yaml";
import { z } from "zod";
import type { Naming } from "./reference.ts";

export interface ImageServer {
  readonly kind: "server";
  readonly name: string;
  /** `https://...`. */
  readonly address: string;
  readonly protocol: "simplestreams" | "lxd" | "incus";
  /** PEM of the server's certificate where no public authority vouches for it. */
  readonly certificate: string | undefined;
}

/** The LXD that pods run on: its images are its aliases. */
export interface LocalRemote {
  readonly kind: "local";
  readonly name: string;
}

export type Remote = ImageServer | LocalRemote;
export type Remotes = ReadonlyMap<string, Remote>;

const schema = z.object({
  remotes: z
    .record(
      z.string(),
      z.object({
        addr: z.string().optional(),
        addrs: z.array(z.string()).optional(),
        protocol: z.string().optional(),
      }),
    )
    .nullish(),
});

export const BUILT_IN_REMOTES: Remotes = byName([
  { kind: "local", name: "local" },
  simplestreams("images", "https://images.lxd.canonical.com"),
  simplestreams("ubuntu", "https://cloud-images.ubuntu.com/releases"),
  simplestreams("ubuntu-daily", "https://cloud-images.ubuntu.com/daily"),
]);

/**
 * The remotes of a config.yml and, where it has none of that name, the built-in ones. `certificates`: PEM by remote, from `servercerts/`.
 * Throws on text that is no such file. Remotes of protocols that LXD cannot pull from are left out.
 */
export function parseRemotes(text: string, certificates: ReadonlyMap<string, string>): Remotes {
  const { remotes } = schema.parse(parse(text) ?? {});
  const own = Object.entries(remotes ?? {}).flatMap(([name, entry]) => {
    const remote = remoteOf(
      name,
      entry.addr ?? entry.addrs?.[0] ?? "",
      entry.protocol || "lxd",
      certificates.get(name),
    );
    return remote === undefined ? [] : [remote];
  });
  return new Map([...BUILT_IN_REMOTES, ...byName(own)]);
}

export function namingOf(remotes: Remotes, defaultRemote: string): Naming {
  return { defaultRemote, remoteKind: (name) => remotes.get(name)?.kind };
}

function remoteOf(
  name: string,
  address: string,
  protocol: string,
  certificate: string | undefined,
): Remote | undefined {
  if (address.startsWith("unix:")) return { kind: "local", name };
  if (!isSpokenByLxd(protocol) || !URL.canParse(address)) return undefined;
  return { kind: "server", name, address: address.replace(/\/+$/u, ""), protocol, certificate };
}

function isSpokenByLxd(protocol: string): protocol is ImageServer["protocol"] {
  return ["simplestreams", "lxd", "incus"].includes(protocol);
}

function simplestreams(name: string, address: string): ImageServer {
  return { kind: "server", name, address, protocol: "simplestreams", certificate: undefined };
}

function byName(remotes: readonly Remote[]): Remotes {
  return new Map(remotes.map((remote) => [remote.name, remote]));
}
