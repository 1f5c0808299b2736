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
 * @param directory undefined: nothing is configured
 * @throws RegistryConfigError for a file that cannot be used
 */
export async function endpointsFor(
  domain: string,
  directory: string | undefined,
  files: Pick<HostFiles, "readFile">,
): Promise<readonly Endpoint[]> {
  for (const name of directory === undefined ? [] : [withoutColon(domain), domain, DEFAULT_DIRECTORY]) {
    const path = join(directory ?? "", name, FILE);
    const content = await files.readFile(path);
    if (content === undefined) continue;
    try {
      return parseHostsFile(content.toString(), domain, join(directory ?? "", name));
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
