/** The files of a pod on the host that its containers share: resolv.conf, hosts, hostname, /dev/shm. */

import { NamespaceMode, type PodSandboxConfig } from "@lxe/cri";
import type { Context } from "./context.ts";
import { hostsFile, resolvConf } from "./translate/dns.ts";

const SHM_BYTES = 64 * 1024 * 1024;
const SHM_MODE = 0o1777;
const FILE_MODE = 0o644;

export interface PodFilesInput {
  readonly instance: string;
  readonly config: PodSandboxConfig;
  readonly addresses: readonly string[];
  /** The node's own name. */
  readonly hostname: string;
}

/** Name that processes of the pod see. */
export function hostnameOf(config: PodSandboxConfig, nodeHostname: string): string {
  const onHostNetwork = config.linux?.securityContext?.namespaceOptions?.network === NamespaceMode.NODE;
  return onHostNetwork || config.hostname === "" ? nodeHostname : config.hostname;
}

export async function writePodFiles(
  { files, paths }: Pick<Context, "files" | "paths">,
  input: PodFilesInput,
): Promise<void> {
  const pod = paths.pod(input.instance);
  const hostname = hostnameOf(input.config, input.hostname);
  const options = input.config.linux?.securityContext?.namespaceOptions;
  await files.makeDirectory(pod.directory, 0o711);
  await files.makeDirectory(pod.inside, 0o711);
  const dns = input.config.dnsConfig;
  await files.writeFile(pod.resolvConf, dns ? resolvConf(dns) : await hostFile(files, "/etc/resolv.conf"), {
    mode: FILE_MODE,
  });
  const hosts =
    options?.network === NamespaceMode.NODE
      ? await hostFile(files, "/etc/hosts")
      : hostsFile(hostname, input.addresses);
  await files.writeFile(pod.hosts, hosts, { mode: FILE_MODE });
  await files.writeFile(pod.hostname, `${hostname}\n`, { mode: FILE_MODE });
  if (options?.ipc === NamespaceMode.NODE) return;
  await files.makeDirectory(pod.shm, SHM_MODE);
  if (!(await files.isMountPoint(pod.shm))) await files.mountTmpfs(pod.shm, { sizeBytes: SHM_BYTES, mode: SHM_MODE });
}

async function hostFile(files: Context["files"], path: string): Promise<Buffer | string> {
  return (await files.readFile(path)) ?? "";
}

export async function removePodFiles(
  { files, paths }: Pick<Context, "files" | "paths">,
  instance: string,
): Promise<void> {
  const pod = paths.pod(instance);
  await files.unmount(pod.shm);
  await files.removeTree(pod.directory);
}
