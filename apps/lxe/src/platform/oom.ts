/**
 * Whether the kernel killed a container for memory. The container's cgroup may be gone when that is asked, so the kernel's
 * log is read: it names the cgroup of each process that it killed.
 */

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

const RECORD_BYTES_MAX = 8192;

/** `cgroup`: path as LXC takes it. False where the kernel's log (`/dev/kmsg`, or a file like it) cannot be read. */
export async function wasOomKilled(kernelLog: string, cgroup: string): Promise<boolean> {
  const path = `/${cgroup.replace(/^\/+/, "")}`;
  const file = await open(kernelLog, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (!file) return false;
  try {
    let rest = "";
    for (;;) {
      const chunk = await readSome(file);
      if (chunk === "") return false;
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      if (lines.some((line) => namesCgroup(line, path))) return true;
    }
  } finally {
    await file.close();
  }
}

/** Of the device one whole record; empty at the end. */
async function readSome(file: FileHandle): Promise<string> {
  for (;;) {
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(RECORD_BYTES_MAX), 0, RECORD_BYTES_MAX, null);
      return buffer.toString("latin1", 0, bytesRead);
    } catch (error) {
      // EPIPE: records were overwritten while we read, the next read goes on behind them; EAGAIN: that was the last one
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") return "";
    }
  }
}

/** A line of the kernel's log that tells of an OOM kill inside the cgroup; it names paths from the root, LXC's may begin further down. */
export function namesCgroup(line: string, path: string): boolean {
  const match = /oom-kill:.*oom_memcg=([^,\s]+),task_memcg=([^,\s]+)/.exec(line);
  return match !== null && match.slice(1).some((named) => `${named}/`.includes(`${path}/`));
}
