/** The environment of an exec'd command: the request wins over the instance's, LXD fills in what is missing. */
import type { FileView } from "../../guest/types.ts";
import type { Config } from "../records.ts";

const standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export async function execEnvironment(
  config: Config,
  requested: Record<string, string>,
  uid: number,
  files: FileView,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (key.startsWith("environment.")) environment[key.slice("environment.".length)] = value;
  }
  Object.assign(environment, requested);
  if (environment["PATH"] === undefined) {
    const hasSnaps = (await files.lstat("/snap")) !== null;
    environment["PATH"] = hasSnaps ? `${standardPath}:/snap/bin` : standardPath;
  }
  if (uid === 0) {
    environment["HOME"] ||= "/root";
    environment["USER"] ||= "root";
  }
  environment["LANG"] ||= "C.UTF-8";
  return Object.fromEntries(Object.entries(environment).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
