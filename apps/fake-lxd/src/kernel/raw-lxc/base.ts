/** What LXD 5.0.2 writes into a container's lxc.conf before it appends raw.lxc. */
import { LXC_COMMON_CONFIG } from "./keys.ts";
import { isTrue, parseSize } from "../config/validators.ts";
import type { Config } from "../records.ts";
import type { LxcLine } from "./lines.ts";
import { formatMountEntry, type MountEntry } from "./mount-entry.ts";

export interface BaseConfigInput {
  name: string;
  project: string;
  /** Expanded. */
  config: Config;
  directory: string;
  logDirectory: string;
  pool: string;
  pid: number;
  /** Undefined when privileged. */
  idMap: { base: number; size: number } | undefined;
  /** Of disk devices, in path order. */
  mounts: readonly MountEntry[];
  rootReadonly: boolean;
  nics: readonly { name: string; hostName: string; hwaddr: string }[];
  /** Bytes of the host, for limits in per cent. */
  hostMemoryBytes: number;
}

/** Mounts of host facilities. The guest kernel has its own and does without. */
export const hostMounts = [
  "/dev/fuse dev/fuse none bind,create=file,optional 0 0",
  "/dev/net/tun dev/net/tun none bind,create=file,optional 0 0",
  "/proc/sys/fs/binfmt_misc proc/sys/fs/binfmt_misc none rbind,create=dir,optional 0 0",
  "/sys/fs/fuse/connections sys/fs/fuse/connections none rbind,create=dir,optional 0 0",
  "/sys/fs/pstore sys/fs/pstore none rbind,create=dir,optional 0 0",
  "/sys/kernel/debug sys/kernel/debug none rbind,create=dir,optional 0 0",
  "/sys/kernel/security sys/kernel/security none rbind,create=dir,optional 0 0",
  "/sys/kernel/tracing sys/kernel/tracing none rbind,create=dir,optional 0 0",
];

const hostMountLines = hostMounts.map((entry): [string, string] => ["lxc.mount.entry", entry]);

/** Sources of mount entries that are not passed on to guests. */
export const hostMountSources: ReadonlySet<string> = new Set(hostMounts.map((line) => line.split(" ", 1)[0] ?? ""));

export function memoryLimitBytes(config: Config, hostMemoryBytes: number): number | undefined {
  const limit = config["limits.memory"];
  if (!limit) return undefined;
  return limit.endsWith("%") ? Math.floor((hostMemoryBytes * Number.parseInt(limit, 10)) / 100) : parseSize(limit);
}

function hookLines(input: BaseConfigInput): [string, string][] {
  const call = (program: string, phase: string) =>
    `${program} callhook ${input.directory} "${input.project}" "${input.name}" ${phase}`;
  return [
    ["lxc.hook.version", "1"],
    ["lxc.hook.pre-start", call(`/proc/${input.pid}/exe`, "start")],
    ["lxc.hook.stop", call("/usr/bin/lxd", "stopns")],
    ["lxc.hook.post-stop", call("/usr/bin/lxd", "stop")],
  ];
}

function cpuLines(config: Config): [string, string][] {
  const allowance = config["limits.cpu.allowance"];
  if (!allowance) return [];
  if (allowance.endsWith("%")) return [["lxc.cgroup2.cpu.weight", allowance.slice(0, -1)]];
  const [quota = 0, period = 0] = allowance.split("/").map((field) => Number.parseInt(field, 10) * 1000);
  return [["lxc.cgroup2.cpu.max", `${quota} ${period}`]];
}

function limitLines(input: BaseConfigInput): [string, string][] {
  const { config } = input;
  const memory = memoryLimitBytes(config, input.hostMemoryBytes);
  const lines: [string, string][] = [];
  if (memory !== undefined) {
    lines.push(["lxc.cgroup2.memory.max", String(memory)], ["lxc.cgroup2.memory.swap.max", "0"]);
  }
  lines.push(...cpuLines(config));
  if (config["limits.processes"]) lines.push(["lxc.cgroup2.pids.max", config["limits.processes"]]);
  return lines;
}

function prefixed(config: Config, prefix: string, key: string): [string, string][] {
  const names = Object.keys(config).filter((name) => name.startsWith(prefix));
  return (names.length > 1 ? names.toSorted() : names).map((name) => [
    `${key}${name.slice(prefix.length)}`,
    config[name] ?? "",
  ]);
}

function nicLines(input: BaseConfigInput): [string, string][] {
  return input.nics.flatMap((nic, index): [string, string][] => [
    [`lxc.net.${index}.type`, "phys"],
    [`lxc.net.${index}.name`, nic.name],
    [`lxc.net.${index}.flags`, "up"],
    [`lxc.net.${index}.link`, nic.hostName],
    [`lxc.net.${index}.hwaddr`, nic.hwaddr],
  ]);
}

function idmapLines(map: BaseConfigInput["idMap"]): [string, string][] {
  if (map === undefined) return [];
  return ["u", "g"].map((kind) => ["lxc.idmap", `${kind} 0 ${map.base} ${map.size}`]);
}

export function baseLines(input: BaseConfigInput): LxcLine[] {
  const { config, directory, logDirectory: logs, name } = input;
  const privileged = isTrue(config["security.privileged"]);
  const lines: [string, string][] = [
    ["lxc.log.file", `${logs}/lxc.log`],
    ["lxc.log.level", "warn"],
    ["lxc.console.buffer.size", "auto"],
    ["lxc.console.size", "auto"],
    ["lxc.console.logfile", `${logs}/console.log`],
    ...(privileged
      ? [["lxc.cap.drop", "sys_time sys_module sys_rawio mac_admin mac_override"] as [string, string]]
      : []),
    ["lxc.mount.auto", privileged ? "proc:mixed sys:mixed cgroup:rw:force" : "proc:rw sys:rw cgroup:rw:force"],
    ["lxc.autodev", "1"],
    ["lxc.pty.max", "1024"],
    ...hostMountLines,
    ["lxc.include", LXC_COMMON_CONFIG],
    ["lxc.arch", "linux64"],
    ...hookLines(input),
    ["lxc.tty.max", "0"],
    ["lxc.uts.name", name],
    ["lxc.mount.entry", `${directory}/devlxd dev/lxd none bind,create=dir 0 0`],
    ["lxc.apparmor.profile", "unconfined"],
    ["lxc.seccomp.profile", `${directory}/security/seccomp/${name}`],
    ...idmapLines(input.idMap),
    ...prefixed(config, "environment.", "").map(([key, value]): [string, string] => [
      "lxc.environment",
      `${key}=${value}`,
    ]),
    ...limitLines(input),
    ...prefixed(config, "limits.kernel.", "lxc.prlimit."),
    ...prefixed(config, "linux.sysctl.", "lxc.sysctl."),
    ["lxc.mount.auto", `shmounts:${directory}/shmounts/${name}:/dev/.lxd-mounts`],
    ...nicLines(input),
    ["lxc.rootfs.path", `dir:${directory}/storage-pools/${input.pool}/containers/${name}/rootfs`],
    ...(input.rootReadonly ? [["lxc.rootfs.options", "ro"] as [string, string]] : []),
    ...input.mounts.map((entry): [string, string] => ["lxc.mount.entry", formatMountEntry(entry)]),
  ];
  return lines.map(([key, value]) => ({ key, value }));
}

export function renderLines(lines: readonly LxcLine[], rawLxc: string): string {
  const own = lines.map((line) => `${line.key} = ${line.value}\n`).join("");
  return rawLxc === "" ? own : `${own}${rawLxc.trimEnd()}\n`;
}
