/** What /proc says about the machine and the network. */
import type { Machine } from "../core/machine.ts";
import type { Process } from "../core/process.ts";
import { ipv4Number } from "../net/namespace.ts";

const machineBytes = 8 * 2 ** 30;
const cpus = 2;

export function uptimeSeconds(machine: Machine): number {
  return Math.max(0, (machine.now() - machine.bootMs) / 1000);
}

export function uptime(machine: Machine): string {
  const seconds = uptimeSeconds(machine);
  return `${seconds.toFixed(2)} ${(seconds * cpus).toFixed(2)}\n`;
}

/** As lxcfs shows it: the limit is the size of the machine. */
export function memoryOf(process: Process): { totalBytes: number; usedBytes: number } {
  return { totalBytes: process.cgroup.memoryLimitBytes ?? machineBytes, usedBytes: process.cgroup.memoryBytes };
}

export function meminfo(viewer: Process): string {
  const { totalBytes, usedBytes } = memoryOf(viewer);
  const free = Math.max(0, totalBytes - usedBytes);
  const rows: [string, number][] = [
    ["MemTotal", totalBytes],
    ["MemFree", free],
    ["MemAvailable", free],
    ["Buffers", 0],
    ["Cached", 0],
    ["SwapCached", 0],
    ["Active", usedBytes],
    ["Inactive", 0],
    ["SwapTotal", 0],
    ["SwapFree", 0],
    ["Shmem", 0],
    ["Slab", 0],
  ];
  return rows
    .map(([name, bytes]) => `${`${name}:`.padEnd(16)}${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`)
    .join("");
}

export function stat(viewer: Process): string {
  const { machine, cgroup } = viewer;
  const busy = Math.floor(cgroup.cpuNs / 10_000_000);
  const idle = Math.floor(uptimeSeconds(machine) * 100 * cpus);
  const line = (name: string, share: number) =>
    `${name} ${Math.floor(busy / share)} 0 0 ${Math.floor(idle / share)} 0 0 0 0 0 0\n`;
  return `${line("cpu ", 1)}${line("cpu0", cpus)}${line("cpu1", cpus)}ctxt 0\nbtime ${Math.floor(machine.bootMs / 1000)}\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n`;
}

export function netDev(viewer: Process): string {
  const head =
    "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
  const rows = viewer.namespaces.net.interfaces.map(
    (one) =>
      `${one.name.padStart(6)}: ${one.bytesReceived} ${one.packetsReceived} 0 0 0 0 0 0 ${one.bytesSent} ${one.packetsSent} 0 0 0 0 0 0\n`,
  );
  return head + rows.join("");
}

function littleEndianHex(address: string): string {
  const number = ipv4Number(address) ?? 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes.toString("hex").toUpperCase();
}

export function netRoute(viewer: Process): string {
  const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  const rows = viewer.namespaces.net.interfaces
    .filter(({ gateway }) => gateway !== undefined)
    .map(
      ({ name, gateway }) => `${name}\t00000000\t${littleEndianHex(gateway ?? "")}\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`,
    );
  return head + rows.join("");
}

export function netTcp(viewer: Process): string {
  const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  const rows = [...viewer.namespaces.net.listeners]
    .filter(({ address }) => !address.includes(":"))
    .map(
      ({ address, port }, index) =>
        `${String(index).padStart(4)}: ${littleEndianHex(address)}:${hexPort(port)} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1\n`,
    );
  return head + rows.join("");
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
