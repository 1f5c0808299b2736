/** The real registry that critest's images come from, under the names of the public ones. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startChild } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { writeHostsFiles } from "../support/hosts-files.ts";
import { findProgram } from "../support/program.ts";

const NAMES = ["registry.k8s.io", "k8s.gcr.io", "gcr.io"];

/** `storage`: as `images.sh` makes it. Disposing ends it. */
export async function startCritestRegistry(
  storage: string,
  directory: string,
): Promise<AsyncDisposable & { readonly address: string }> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(directory, "registry.yml");
  // JSON is YAML
  const settings = {
    version: "0.1",
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: storage }, maintenance: { readonly: { enabled: true } } },
    http: { addr: address },
  };
  await writeFile(config, JSON.stringify(settings));
  const program = findProgram("docker-registry") ?? "docker-registry";
  const child = startChild([program, "serve", config], { logFile: join(directory, "registry.log") });
  const gone = child.exited.then((end) => {
    throw new Error(`${end}:\n${child.lastOutput()}`);
  });
  const answers = eventually(
    "the registry answers",
    () => fetch(`http://${address}/v2/`),
    ({ ok }) => ok,
  );
  await Promise.race([answers, gone]);
  gone.catch(() => undefined);
  return { address, [Symbol.asyncDispose]: () => child.end("SIGTERM") };
}

/** From now on the runtime finds the public registries' images there. */
export function standInForPublicRegistries(configDirectory: string, address: string): Promise<void> {
  return writeHostsFiles(configDirectory, NAMES, address);
}
