/** Reads the `lxc` client's config.yml and the certificates beside it. */
import { dirname, join } from "node:path";
import type { HostFiles } from "../platform/host-files.ts";
import type { Remotes } from "./remotes.ts";
import { BUILT_IN_REMOTES, parseRemotes } from "./remotes.ts";

const CERTIFICATE_SUFFIX = ".crt";

type Files = Pick<HostFiles, "readFile" | "list">;

/** The places where the `lxc` client keeps its config, in its own order of preference. */
export function remoteConfigPlaces(env: Readonly<Record<string, string | undefined>>): string[] {
  const directories = [
    env["LXD_CONF"],
    env["HOME"] && join(env["HOME"], "snap/lxd/common/config"),
    env["HOME"] && join(env["HOME"], ".config/lxc"),
  ];
  return directories.flatMap((directory) => (directory ? [join(directory, "config.yml")] : []));
}

/** The remotes of the first of these files that exists; the built-in ones without any. Rejects where it cannot be understood. */
export async function loadRemotes(paths: readonly string[], files: Files): Promise<Remotes> {
  for (const path of paths) {
    const text = await files.readFile(path);
    if (text !== undefined) return parseFile(path, text.toString(), await loadCertificates(dirname(path), files));
  }
  return BUILT_IN_REMOTES;
}

function parseFile(path: string, text: string, certificates: ReadonlyMap<string, string>): Remotes {
  try {
    return parseRemotes(text, certificates);
  } catch (error) {
    throw new Error(`${path} is not a config of the lxc client`, { cause: error });
  }
}

async function loadCertificates(directory: string, files: Files): Promise<Map<string, string>> {
  const certificates = new Map<string, string>();
  const certificateDirectory = join(directory, "servercerts");
  for (const name of await files.list(certificateDirectory)) {
    if (!name.endsWith(CERTIFICATE_SUFFIX)) continue;
    const pem = await files.readFile(join(certificateDirectory, name));
    if (pem !== undefined) certificates.set(name.slice(0, -CERTIFICATE_SUFFIX.length), pem.toString());
  }
  return certificates;
}
