/**
 * A registry in this process for one arm, under names that exist nowhere else. The runtime finds it by hosts.toml files, as lxe
 * and containerd read them: it is told `configDirectory`, lxe by `--registry-config-dir`, containerd by `config_path`.
 */
import { startTestRegistry, type TestRegistry } from "lxe/testing/registry";
import { writeHostsFiles } from "./hosts-files.ts";

/** Both are the same server: what is pushed is at both. */
export const REGISTRY_NAMES = ["one.test", "two.test"] as const;

/** Listens on loopback alone. Takes the directory over as far as its own names go. */
export async function startArmRegistry(configDirectory: string): Promise<TestRegistry> {
  const registry = await startTestRegistry();
  await writeHostsFiles(configDirectory, REGISTRY_NAMES, registry.host);
  return registry;
}
