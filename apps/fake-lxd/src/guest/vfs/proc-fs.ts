/** /proc of a guest: its pid namespace's processes, and what programs commonly ask the machine. */
import { Errno } from "../core/errno.ts";
import type { Machine } from "../core/machine.ts";
import type { PidNamespace } from "../core/pid-namespace.ts";
import type { Process } from "../core/process.ts";
import { type Generated, GeneratedFs } from "./generated-fs.ts";
import { meminfo, netDev, netRoute, netTcp, stat, uptime } from "./proc-machine.ts";
import {
  cgroupText,
  cmdline,
  environ,
  fdInfo,
  idMap,
  mountinfo,
  mountsText,
  statLine,
  statm,
  status,
} from "./proc-process.ts";
import { sysctlAt } from "./proc-sysctl.ts";
import type { Asker } from "./types.ts";

const machineFiles: Record<string, (viewer: Process) => string> = {
  uptime: (viewer) => uptime(viewer.machine),
  loadavg: (viewer) => `0.00 0.00 0.00 1/${viewer.namespaces.pid.processes().length} ${viewer.pid}\n`,
  meminfo: (viewer) => meminfo(viewer),
  stat: (viewer) => stat(viewer),
  version: (viewer) => `Linux version ${viewer.machine.kernelVersion} (lxe@fake) #1 SMP\n`,
  filesystems: () => "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\n\text4\n",
  cpuinfo: () => "processor\t: 0\nmodel name\t: fake\n\nprocessor\t: 1\nmodel name\t: fake\n\n",
  cmdline: () => "quiet\n",
};

const netFiles: Record<string, (viewer: Process) => string> = { dev: netDev, route: netRoute, tcp: netTcp };

const processFiles: Record<string, (process: Process, viewer: Process) => string> = {
  status,
  cmdline,
  environ,
  statm,
  mountinfo,
  stat: statLine,
  comm: (process) => `${process.comm}\n`,
  cgroup: cgroupText,
  mounts: mountsText,
  uid_map: idMap,
  gid_map: idMap,
  setgroups: () => "allow\n",
  oom_score_adj: () => "0\n",
  oom_score: () => "0\n",
  loginuid: () => "4294967295\n",
  wchan: () => "0",
  limits: () =>
    "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 1048576              files     \n",
};

/** Only the process's own user and root may look. */
const privateFiles = new Set(["environ"]);

export class ProcFs extends GeneratedFs {
  readonly type = "proc";
  readonly #pids: PidNamespace;

  constructor(machine: Machine, pids: PidNamespace) {
    super(machine.now, 5);
    this.#pids = pids;
  }

  protected at(path: string, asker: Asker): Generated | undefined {
    // The host looks through the eyes of the namespace's init.
    const viewer = asker ?? this.#pids.processes()[0];
    const [first = "", ...rest] = path.split("/");
    if (path === "") return { type: "directory", names: () => this.#names() };
    if (!viewer) return undefined;
    if (first === "self" || first === "thread-self") return rest.length === 0 ? this.#self(viewer) : undefined;
    if (first === "mounts" && rest.length === 0) return { type: "symlink", target: () => "self/mounts" };
    if (first === "net") return netAt(rest, viewer);
    if (first === "sys") return sysctlAt(rest, viewer);
    const text = machineFiles[first];
    if (text && rest.length === 0) return { type: "file", text: () => text(viewer) };
    return this.#processAt(first, rest, viewer);
  }

  #names(): string[] {
    const pids = this.#pids.processes().map((process) => String(process.pidIn({ pid: this.#pids })));
    return [...pids, "self", "thread-self", "mounts", "net", "sys", ...Object.keys(machineFiles)];
  }

  #self(viewer: Process): Generated | undefined {
    const pid = viewer.pidIn({ pid: this.#pids });
    return pid === 0 ? undefined : { type: "symlink", target: () => String(pid) };
  }

  #processAt(pid: string, rest: string[], viewer: Process): Generated | undefined {
    if (!/^[1-9]\d*$/.test(pid)) return undefined;
    const process = this.#pids.get(Number(pid));
    if (!process) return undefined;
    const found = processEntry(process, rest, viewer);
    return found && { ...found, uid: process.credentials.euid, gid: process.credentials.egid };
  }
}

function processEntry(process: Process, [name, ...rest]: string[], viewer: Process): Generated | undefined {
  if (name === undefined)
    return {
      type: "directory",
      names: () => [...Object.keys(processFiles), "fd", "fdinfo", "ns", "task", "cwd", "exe", "root"],
    };
  if (name === "fd" || name === "fdinfo") return fdEntry(process, name, rest, viewer);
  if (name === "ns") return nsEntry(process, rest);
  if (name === "task") return taskEntry(process, rest, viewer);
  if (rest.length > 0) return undefined;
  if (name === "cwd") return { type: "symlink", target: () => process.cwd.path };
  if (name === "exe") return { type: "symlink", target: () => process.exe };
  if (name === "root") return { type: "symlink", target: () => "/" };
  const text = processFiles[name];
  if (!text) return undefined;
  return { type: "file", text: () => text(process, viewer), mode: privateFiles.has(name) ? 0o400 : 0o444 };
}

function taskEntry(process: Process, [tid, ...rest]: string[], viewer: Process): Generated | undefined {
  const own = String(process.pidIn(viewer.namespaces));
  if (tid === undefined) return { type: "directory", names: () => [own] };
  return tid === own ? processEntry(process, rest, viewer) : undefined;
}

function fdEntry(
  process: Process,
  kind: "fd" | "fdinfo",
  [name, ...rest]: string[],
  viewer: Process,
): Generated | undefined {
  if (name === undefined) return { type: "directory", names: () => process.fds.numbers().map(String), mode: 0o500 };
  const file = /^\d+$/.test(name) && rest.length === 0 ? process.fds.find(Number(name)) : undefined;
  if (!file) return undefined;
  if (kind === "fdinfo") return { type: "file", text: () => fdInfo(process, Number(name)) };
  const { euid } = viewer.credentials;
  const magic = () => {
    if (euid !== 0 && euid !== process.credentials.euid) throw new Errno("EACCES");
    return file;
  };
  return { type: "symlink", target: () => file.describe(), magic };
}

function nsEntry(process: Process, [name, ...rest]: string[]): Generated | undefined {
  const { namespaces } = process;
  const ids: Record<string, number> = {
    net: namespaces.net.id,
    uts: namespaces.uts.id,
    ipc: namespaces.ipc.id,
    user: namespaces.user.id,
    pid: namespaces.pid.id,
  };
  if (name === undefined) return { type: "directory", names: () => Object.keys(ids) };
  const id = ids[name];
  return id === undefined || rest.length > 0
    ? undefined
    : { type: "symlink", target: () => `${name}:[${4_026_531_840 + id}]` };
}

function netAt([name, ...rest]: string[], viewer: Process): Generated | undefined {
  if (name === undefined) return { type: "directory", names: () => Object.keys(netFiles) };
  const text = netFiles[name];
  return text && rest.length === 0 ? { type: "file", text: () => text(viewer) } : undefined;
}
