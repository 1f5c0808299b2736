/** Which endpoints a registry's name stands for on this node: containerd's directory layout, read anew for each pull. */
import { join } from "node:path";
import type { HostFiles } from "../../../../platform/host-files.ts";
import { RegistryConfigError } from "../../errors.ts";
import { defaultEndpoint, type Endpoint } from "./endpoint.ts";
import { parseHostsFile } from "./hosts-file.ts";

const FILE = "hosts.toml";
const DEFAULT_DIRECTORY = "_default";

/**
 * Best first, never empty. The file is `<directory>/<name>/hosts.toml`, where a port may stand as `name_5000_` or `name:5000`; else that of `_default`.
 * A directory without the file may hold certificates as Docker has them there: authorities as `*.crt`, our own as `*.cert` with `*.key`.
 * @param directory undefined: nothing is configured
 * @throws RegistryConfigError for a file that cannot be used
 */
export async function endpointsFor(
  domain: string,
  directory: string | undefined,
  files: Pick<HostFiles, "readFile" | "list">,
): Promise<readonly Endpoint[]> {
  for (const name of directory === undefined ? [] : [withoutColon(domain), domain, DEFAULT_DIRECTORY]) {
    const own = join(directory ?? "", name);
    const path = join(own, FILE);
    const content = await files.readFile(path);
    if (content === undefined) {
      const certificates = certificatesIn(own, await files.list(own));
      if (certificates === undefined) continue;
      return [{ ...defaultEndpoint(domain), ...certificates }];
    }
    try {
      return parseHostsFile(content.toString(), domain, own);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RegistryConfigError(`${path} cannot be used: ${reason}`, { cause: error });
    }
  }
  return [defaultEndpoint(domain)];
}

function withoutColon(domain: string): string {
  return domain.replace(/:(\d+)$/u, "_$1_");
}

/** Undefined where there are none. */
function certificatesIn(
  directory: string,
  names: readonly string[],
): Pick<Endpoint, "authorities" | "clients"> | undefined {
  const ending = (suffix: string): string[] => names.filter((name) => name.endsWith(suffix)).toSorted();
  const authorities = ending(".crt").map((name) => join(directory, name));
  const clients = ending(".cert").map((name) => ({
    certificate: join(directory, name),
    key: join(directory, name.replace(/cert$/u, "key")),
  }));
  return authorities.length + clients.length === 0 ? undefined : { authorities, clients };
}
