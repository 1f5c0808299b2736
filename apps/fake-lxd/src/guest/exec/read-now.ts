/** The start of a regular file at once, for what the kernel itself reads. */
import { constants } from "node:fs";
import type { Host } from "../../platform/types.ts";
import { Errno } from "../core/errno.ts";
import type { Location } from "../vfs/mount.ts";
import { attempt } from "../vfs/attempt.ts";
import { MemFs } from "../vfs/mem-fs.ts";

export function readNow(host: Host, place: Location, max: number): Buffer {
  const { fs: fileSystem } = place.mount;
  if (fileSystem instanceof MemFs) {
    const { data, size } = fileSystem.get(place.node);
    return data ? data.subarray(0, Math.min(size, max)) : Buffer.alloc(0);
  }
  const hostPath = fileSystem.hostPath?.(place.node);
  if (hostPath === undefined) throw new Errno("EACCES");
  return attempt(() => readHost(host, hostPath, max));
}

function readHost(host: Host, path: string, max: number): Buffer {
  const file = host.open(path, constants.O_RDONLY);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(max, file.stat().size));
    return buffer.subarray(0, file.read(buffer, 0));
  } finally {
    file.close();
  }
}
