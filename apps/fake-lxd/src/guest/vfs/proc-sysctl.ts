/** /proc/sys: what the pod's namespaces were given, and the few keys that programs read anyway. */
import { fromBuffer } from "../core/bytes.ts";
import { has } from "../core/capabilities.ts";
import { Errno } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import type { Generated } from "./generated-fs.ts";

const fixed: Record<string, (viewer: Process) => string> = {
  "kernel.ostype": () => "Linux",
  "kernel.osrelease": (viewer) => viewer.machine.kernelVersion,
  "kernel.hostname": (viewer) => viewer.namespaces.uts.hostname,
  "kernel.pid_max": () => "4194304",
  "kernel.cap_last_cap": () => "40",
  "kernel.ngroups_max": () => "65536",
  "kernel.overflowuid": () => "65534",
  "kernel.overflowgid": () => "65534",
  "kernel.shm_rmid_forced": () => "0",
  "kernel.shmmax": () => "18446744073692774399",
  "kernel.shmall": () => "18446744073692774399",
  "kernel.shmmni": () => "4096",
  "kernel.msgmax": () => "8192",
  "kernel.sem": () => "32000\t1024000000\t500\t32000",
  "fs.mqueue.msg_max": () => "10",
  "fs.mqueue.msgsize_max": () => "8192",
  "fs.mqueue.queues_max": () => "256",
  "fs.file-max": () => "9223372036854775807",
  "net.core.somaxconn": () => "4096",
  "net.ipv4.ip_forward": () => "0",
  "net.ipv4.ip_local_port_range": () => "32768\t60999",
  "net.ipv4.ip_unprivileged_port_start": () => "1024",
  "net.ipv4.ping_group_range": () => "1\t0",
  "net.ipv4.tcp_syncookies": () => "1",
  "net.ipv4.tcp_keepalive_time": () => "7200",
  "vm.overcommit_memory": () => "0",
  "vm.max_map_count": () => "65530",
  "vm.swappiness": () => "60",
};

function settings(viewer: Process, key: string): Map<string, string> {
  return key.startsWith("net.") ? viewer.namespaces.net.sysctls : viewer.namespaces.ipc.sysctls;
}

function keys(viewer: Process): string[] {
  const { net, ipc } = viewer.namespaces;
  return [...new Set([...Object.keys(fixed), ...net.sysctls.keys(), ...ipc.sysctls.keys()])];
}

/** What is below /proc/sys at this path. */
export function sysctlAt(path: string[], viewer: Process): Generated | undefined {
  const key = path.join(".");
  const known = keys(viewer);
  if (key !== "" && known.includes(key)) return file(key, viewer);
  const prefix = key === "" ? "" : `${key}.`;
  const below = known.filter((one) => one.startsWith(prefix));
  if (below.length === 0) return undefined;
  const names = () => [...new Set(below.map((one) => one.slice(prefix.length).split(".")[0] ?? ""))];
  return { type: "directory", names };
}

function file(key: string, viewer: Process): Generated {
  const text = () => `${settings(viewer, key).get(key) ?? fixed[key]?.(viewer) ?? ""}\n`;
  const write = (data: Buffer) => {
    const needed = key.startsWith("net.") ? "net_admin" : "sys_admin";
    if (!has(viewer.capabilities, needed)) throw new Errno("EPERM");
    const value = fromBuffer(data).trimEnd();
    if (key === "kernel.hostname") viewer.namespaces.uts.hostname = value;
    else settings(viewer, key).set(key, value);
  };
  return { type: "file", text, write, mode: 0o644 };
}
