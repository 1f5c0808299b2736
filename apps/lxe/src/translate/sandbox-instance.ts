/** A pod's config → its pause instance in LXD. Pure. */

import { InvalidArgumentError, NamespaceMode, type PodSandboxConfig } from "@lxe/cri";
import type { InstancesPost } from "@lxe/lxd-client";
import type { SandboxRecord } from "../model/records.ts";
import type { PodNetwork } from "../network/types.ts";
import type { NodeFacts } from "../node.ts";
import { INSIDE } from "../init/inside.ts";
import { sandboxKeys } from "../store/codec.ts";
import type { PodPaths } from "../store/paths.ts";
import { cgroupLines } from "./cgroup.ts";
import { checkSandboxNamespaces, sandboxNamespaceLines, userNamespaceConfig } from "./namespaces.ts";
import { bindEntry } from "./mounts.ts";
import { checkLine, mountLine, type RawLine, renderRawLxc } from "./raw-lxc.ts";
import { profileLines } from "./security.ts";

export interface SandboxInput {
  readonly record: Pick<SandboxRecord, "id" | "instance" | "createdAt" | "config" | "runtimeHandler" | "userns">;
  readonly network: PodNetwork;
  readonly node: NodeFacts;
  /** LXC's, where a profile of the node is asked for. */
  readonly seccomp: string | undefined;
  /** Fingerprint of the pause image. */
  readonly image: string;
  readonly paths: Pick<PodPaths, "inside">;
}

/** @throws InvalidArgumentError naming the field */
export function checkSandboxConfig(config: PodSandboxConfig): void {
  const { metadata, linux } = config;
  if (!metadata) throw new InvalidArgumentError("config.metadata is missing");
  for (const field of ["name", "namespace", "uid"] as const) {
    if (metadata[field] === "") throw new InvalidArgumentError(`config.metadata.${field} is empty`);
  }
  const security = linux?.securityContext;
  checkSandboxNamespaces(security?.namespaceOptions);
  if (security?.runAsGroup && !security.runAsUser) {
    throw new InvalidArgumentError("linux.security_context.run_as_group needs run_as_user");
  }
  if (config.hostname.length > 63) throw new InvalidArgumentError("config.hostname is longer than 63 characters");
  if (!/^[a-zA-Z0-9._-]*$/.test(config.hostname)) {
    throw new InvalidArgumentError(`config.hostname is no host name: ${JSON.stringify(config.hostname)}`);
  }
  // what is relative would be a place that lxe's own working directory decides
  if (!/^(\/|$)/.test(config.logDirectory)) {
    throw new InvalidArgumentError(`config.log_directory is not absolute: ${JSON.stringify(config.logDirectory)}`);
  }
  checkDns(config);
}

/** Anything with a blank would be more than one word in resolv.conf. */
function checkDns({ dnsConfig }: PodSandboxConfig): void {
  for (const field of ["servers", "searches", "options"] as const) {
    const wrong = dnsConfig?.[field].find((word) => !/^[^\s\0]+$/.test(word));
    if (wrong !== undefined) {
      throw new InvalidArgumentError(`config.dns_config.${field}: ${JSON.stringify(wrong)} is no single word`);
    }
  }
}

export function sandboxInstance({ record, network, node, seccomp, image, paths }: SandboxInput): InstancesPost {
  const { config } = record;
  const security = config.linux?.securityContext;
  const privileged = security?.privileged ?? false;
  return {
    name: record.instance,
    description: `pod ${config.metadata?.namespace}/${config.metadata?.name}`,
    source: { type: "image", fingerprint: image },
    profiles: [],
    config: {
      ...commonConfig(node),
      ...userNamespaceConfig(record.userns),
      ...seccompConfig(seccomp),
      ...sandboxKeys({ ...record, addresses: network.addresses }),
      "raw.lxc": renderRawLxc([
        ...commonLines(),
        ["lxc.console.path", "none"],
        ...sandboxNamespaceLines(security?.namespaceOptions, node.hostPid),
        ...hostnameLines(config),
        mountLine(bindEntry(paths.inside, INSIDE, "dir", { idmapped: record.userns.kind !== "host" })),
        ...network.raw,
        ...sysctlLines(config),
        ...cgroupLines(config.linux?.cgroupParent ?? "", record.instance),
        ...profileLines(security, privileged, node),
        // it holds namespaces and has nothing to say on its way out
        ["lxc.signal.halt", "SIGKILL"],
      ]),
    },
    devices: { root: { type: "disk", path: "/", pool: node.pool }, ...network.devices },
  };
}

/** LXD settings of every instance: the kubelet alone decides what runs, and pods need no LXD socket. */
export function commonConfig({ guestApiKey }: Pick<NodeFacts, "guestApiKey">): Record<string, string> {
  return { "boot.autostart": "false", [guestApiKey]: "false" };
}

/** LXD keeps the policy, so that no file of ours has to outlive it. */
export function seccompConfig(policy: string | undefined): Record<string, string> {
  return policy === undefined ? {} : { "raw.seccomp": policy };
}

/** Exit codes come from LXC's log at this level. */
export function commonLines(): RawLine[] {
  return [["lxc.log.level", "info"]];
}

function hostnameLines({ hostname, linux }: PodSandboxConfig): RawLine[] {
  const onHostNetwork = linux?.securityContext?.namespaceOptions?.network === NamespaceMode.NODE;
  if (hostname === "" || onHostNetwork) return [];
  return [["lxc.uts.name", hostname]];
}

function sysctlLines({ linux }: PodSandboxConfig): RawLine[] {
  const options = linux?.securityContext?.namespaceOptions;
  return Object.entries(linux?.sysctls ?? {}).map(([name, value]): RawLine => {
    const dotted = name.replaceAll("/", ".");
    if (!/^(net\.|kernel\.(shm|msg|sem)|fs\.mqueue\.)[a-zA-Z0-9_.-]*$/.test(dotted)) {
      throw new InvalidArgumentError(`linux.sysctls: ${JSON.stringify(name)} belongs to no namespace of a pod`);
    }
    const namespace = dotted.startsWith("net.") ? "network" : "ipc";
    if (options?.[namespace] === NamespaceMode.NODE) {
      throw new InvalidArgumentError(`linux.sysctls: ${name} would change the node: the pod shares its ${namespace}`);
    }
    checkLine(value, `linux.sysctls: the value of ${name}`);
    return [`lxc.sysctl.${dotted}`, value];
  });
}
