/** /sys of a guest: its network interfaces, its cgroup's files, the processors. */
import type { Machine } from "../core/machine.ts";
import type { Process } from "../core/process.ts";
import type { Interface, NetNamespace } from "../net/namespace.ts";
import { type Generated, GeneratedFs } from "./generated-fs.ts";
import type { Asker } from "./types.ts";

const interfaceFiles: Record<string, (one: Interface) => string> = {
  address: ({ hwaddr }) => hwaddr,
  mtu: ({ mtu }) => String(mtu),
  operstate: ({ up, type }) => (type === "loopback" ? "unknown" : up ? "up" : "down"),
  carrier: ({ up }) => (up ? "1" : "0"),
  "statistics/rx_bytes": ({ bytesReceived }) => String(bytesReceived),
  "statistics/tx_bytes": ({ bytesSent }) => String(bytesSent),
  "statistics/rx_packets": ({ packetsReceived }) => String(packetsReceived),
  "statistics/tx_packets": ({ packetsSent }) => String(packetsSent),
};

const cgroupFiles: Record<string, (viewer: Process) => string> = {
  "cgroup.controllers": () => "cpuset cpu io memory pids",
  "cgroup.procs": (viewer) => [...viewer.cgroup.processes].map((one) => one.pidIn(viewer.namespaces)).join("\n"),
  "memory.max": ({ cgroup }) => (cgroup.memoryLimitBytes === undefined ? "max" : String(cgroup.memoryLimitBytes)),
  "memory.current": ({ cgroup }) => String(cgroup.memoryBytes),
  "memory.peak": ({ cgroup }) => String(cgroup.peakBytes),
  "memory.events": ({ cgroup }) => `low 0\nhigh 0\nmax 0\noom ${cgroup.oomKills}\noom_kill ${cgroup.oomKills}`,
  "pids.max": ({ cgroup }) => (cgroup.pidsLimit === undefined ? "max" : String(cgroup.pidsLimit)),
  "pids.current": ({ cgroup }) => String(cgroup.processes.size),
  "cpu.stat": ({ cgroup }) => `usage_usec ${Math.floor(cgroup.cpuNs / 1000)}\nuser_usec 0\nsystem_usec 0`,
};

const otherFiles: Record<string, () => string> = {
  "devices/system/cpu/online": () => "0-1",
  "devices/system/cpu/possible": () => "0-1",
  "kernel/mm/transparent_hugepage/enabled": () => "always [madvise] never",
};

export class SysFs extends GeneratedFs {
  readonly type = "sysfs";
  readonly #net: NetNamespace;

  constructor(machine: Machine, net: NetNamespace) {
    super(machine.now, 4);
    this.#net = net;
  }

  protected at(path: string, asker: Asker): Generated | undefined {
    const files = this.#files(asker);
    const text = files.get(path);
    if (text) return { type: "file", text: () => `${text()}\n` };
    const prefix = path === "" ? "" : `${path}/`;
    const below = [...files.keys()].filter((one) => one.startsWith(prefix));
    if (below.length === 0) return undefined;
    return {
      type: "directory",
      names: () => [...new Set(below.map((one) => one.slice(prefix.length).split("/")[0] ?? ""))],
    };
  }

  #files(asker: Asker): Map<string, () => string> {
    const files = new Map(Object.entries(otherFiles));
    for (const one of this.#net.interfaces) {
      for (const [name, text] of Object.entries(interfaceFiles))
        files.set(`class/net/${one.name}/${name}`, () => text(one));
    }
    if (asker)
      for (const [name, text] of Object.entries(cgroupFiles)) files.set(`fs/cgroup/${name}`, () => text(asker));
    return files;
  }
}
