/**
 * Whether the kernel killed a container for memory. The container's cgroup may be gone when that is asked, so the kernel's
 * log is read: it names the cgroup of each process that it killed.
 */

import { constants } from "node:fs";
import { open } from "node:fs/promises";

const RECORD_BYTES_MAX = 8192;

/** `cgroup`: path below the cgroup root. False where the kernel's log cannot be read. */
export async function wasOomKilled(cgroup: string): Promise<boolean> {
  const path = `/${cgroup.replace(/^\/+/, "")}`;
  const file = await open("/dev/kmsg", constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (!file) return false;
  try {
    const record = Buffer.alloc(RECORD_BYTES_MAX);
    for (;;) {
      const { bytesRead } = await file.read(record, 0, RECORD_BYTES_MAX, null).catch((error: NodeJS.ErrnoException) => {
        // EPIPE: records were overwritten while we read; EAGAIN: that was the last one
        if (error.code === "EPIPE") return { bytesRead: 1 };
        return { bytesRead: 0 };
      });
      if (bytesRead === 0) return false;
      if (namesCgroup(record.toString("latin1", 0, bytesRead), path)) return true;
    }
  } finally {
    await file.close();
  }
}

/** A line of the kernel's log that tells of an OOM kill inside the cgroup. */
export function namesCgroup(line: string, path: string): boolean {
  const match = /oom-kill:.*oom_memcg=([^,\s]+),task_memcg=([^,\s]+)/.exec(line);
  return match !== null && match.slice(1).some((named) => named === path || named?.startsWith(`${path}/`));
}
