/** What a process costs, as Linux counts it. */
import { readFile, writeFile } from "node:fs/promises";

/** Linux tells user space 100 ticks a second on every machine. */
const MS_PER_TICK = 10;
const BYTES_PER_MB = 1024 * 1024;

/** CPU time of all threads since the start, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // the name before may hold anything, blanks and brackets included
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [utime, stime] = [fields[11], fields[12]].map(Number);
  return ((utime ?? 0) + (stime ?? 0)) * MS_PER_TICK;
}

/** Resident memory, in MiB. */
export function rssMb(pid: number): Promise<number> {
  return statusMb(pid, "VmRSS");
}

/** The most that it was since the last call of `resetPeakRss`, in MiB. */
export function peakRssMb(pid: number): Promise<number> {
  return statusMb(pid, "VmHWM");
}

export async function resetPeakRss(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}

async function statusMb(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return (Number(kilobytes ?? 0) * 1024) / BYTES_PER_MB;
}
