/**
 * What lxe finds out about the node once, when LXD answers: what LXD is, what the host's kernel does, which pool and which
 * profiles are used. Owns no decisions on pods; `translate/` makes those from these facts.
 */

import { UnavailableError } from "@lxe/cri";
import { type DeviceMap, flavorOf, type LxdClient, type Profile } from "@lxe/lxd-client";
import type { Config } from "./config/config.ts";
import type { HostFiles } from "./platform/host-files.ts";

export interface NodeFacts {
  /** `lxd 5.0.2`. */
  readonly server: string;
  readonly driverVersion: string;
  /** Config key that gives a guest LXD's own socket: named otherwise in Incus. */
  readonly guestApiKey: string;
  readonly architecture: string;
  /** Pid of a process in the host's namespaces: the LXD daemon's. */
  readonly hostPid: number;
  readonly cgroupVersion: 1 | 2;
  readonly oomScoreAdjMin: number;
  /** The kernel limits swap in cgroups of v2. */
  readonly limitsSwap: boolean;
  readonly apparmor: boolean;
  readonly selinux: boolean;
  /** The host has IPv6 addresses. */
  readonly ipv6: boolean;
  readonly pool: string;
  readonly profiles: readonly string[];
  /** Devices that take the profiles' network devices out of an instance. */
  readonly masks: DeviceMap;
  readonly hostname: string;
  /** Why containers cannot share a user namespace here; undefined when they can. */
  readonly noSharedUserNamespace: string | undefined;
}

const CAP_SYS_RESOURCE = 24n;

export async function readNode(
  lxd: LxdClient,
  files: HostFiles,
  config: Config,
  signal?: AbortSignal,
): Promise<NodeFacts> {
  const server = await lxd.server.get({ signal });
  const environment = server.environment;
  if (!environment)
    throw new UnavailableError("LXD does not trust lxe: use its unix socket as root, or a trusted certificate");
  const profiles = await readProfiles(lxd, config, signal);
  return {
    server: `${environment.server} ${environment.server_version}`,
    driverVersion: environment.driver_version.split(" ")[0] ?? "",
    guestApiKey: flavorOf(server).guestApiKey,
    architecture: environment.architectures[0] ?? "x86_64",
    hostPid: environment.server_pid,
    cgroupVersion: (await files.stat("/sys/fs/cgroup/cgroup.controllers")) ? 2 : 1,
    oomScoreAdjMin: await lowestOomScore(files),
    limitsSwap: await limitsSwap(files),
    apparmor: (await text(files, "/sys/module/apparmor/parameters/enabled")) === "Y",
    selinux: (await files.stat("/sys/fs/selinux/enforce")) !== undefined,
    ipv6: (await text(files, "/proc/net/if_inet6")) !== "",
    pool: await choosePool(lxd, config, profiles, signal),
    profiles: config.lxdProfiles,
    masks: networkMasks(profiles),
    noSharedUserNamespace: tmpfsProblem(environment.kernel_version),
    hostname: (await text(files, "/proc/sys/kernel/hostname")) || environment.server_name,
  };
}

/** Without CAP_SYS_RESOURCE a score can only be raised; LXD is taken to have the rights that lxe has. */
async function lowestOomScore(files: HostFiles): Promise<number> {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(await text(files, "/proc/self/status"))?.[1];
  if (capabilities && (BigInt(`0x${capabilities}`) >> CAP_SYS_RESOURCE) & 1n) return -1000;
  return Number(await text(files, "/proc/self/oom_score_adj")) || 0;
}

/** Every cgroup of v2 but the root has the file, where the kernel can; lxe's own is looked at. */
async function limitsSwap(files: HostFiles): Promise<boolean> {
  const own = /^0::(.*)$/m.exec(await text(files, "/proc/self/cgroup"))?.[1];
  return own !== undefined && (await files.stat(`/sys/fs/cgroup${own}/memory.swap.max`)) !== undefined;
}

export async function readProfiles(
  lxd: Pick<LxdClient, "profiles">,
  { lxdProfiles }: Pick<Config, "lxdProfiles">,
  signal?: AbortSignal,
): Promise<Profile[]> {
  return Promise.all(lxdProfiles.map(async (name) => (await lxd.profiles.get(name, { signal })).value));
}

/** Where root disks are made. @throws UnavailableError where LXD has no pool. */
export async function choosePool(
  lxd: Pick<LxdClient, "storage">,
  config: Pick<Config, "lxdStoragePool">,
  profiles: readonly Profile[],
  signal?: AbortSignal,
): Promise<string> {
  if (config.lxdStoragePool) return config.lxdStoragePool;
  const roots = profiles.flatMap((profile) =>
    Object.values(profile.devices).filter(({ type, path }) => type === "disk" && path === "/"),
  );
  const pool = roots.at(-1)?.["pool"] ?? (await lxd.storage.list({ signal }))[0]?.name;
  if (!pool)
    throw new UnavailableError(
      "LXD has no storage pool: create one, for instance with `lxc storage create default dir`",
    );
  return pool;
}

function networkMasks(profiles: readonly Profile[]): DeviceMap {
  return Object.fromEntries(
    profiles.flatMap((profile) =>
      Object.entries(profile.devices).flatMap(([name, { type }]) => (type === "nic" ? [[name, { type: "none" }]] : [])),
    ),
  );
}

/** Secrets and projected tokens are tmpfs, which the kernel can idmap from 6.3 on. */
function tmpfsProblem(kernel: string): string | undefined {
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10)); // also 6.11-amd64
  if (major > 6 || (major === 6 && minor >= 3)) return undefined;
  return `kernel ${kernel} cannot map the owners of tmpfs mounts such as secrets: 6.3 or newer is needed`;
}

async function text(files: HostFiles, path: string): Promise<string> {
  try {
    return (await files.readFile(path))?.toString().trim() ?? "";
  } catch {
    return "";
  }
}
