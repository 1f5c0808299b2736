/** hosts.toml files, by which runtimes find a registry under other names than its own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** From now on `names` are the registry at `address` (`127.0.0.1:<port>`, plain HTTP) to who is told `configDirectory`. */
export async function writeHostsFiles(
  configDirectory: string,
  names: readonly string[],
  address: string,
): Promise<void> {
  for (const name of names) {
    const directory = join(configDirectory, name);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "hosts.toml"), `server = "http://${address}"\n`);
  }
}
