/** The start of a regular file at once, for what the kernel itself reads. */
import fs from "node:fs";
import { toBuffer } from "../core/bytes.ts";
import { Errno } from "../core/errno.ts";
import type { Location } from "../vfs/mount.ts";
import { attempt } from "../vfs/attempt.ts";
import { MemFs } from "../vfs/mem-fs.ts";

export function readNow(place: Location, max: number): Buffer {
  const { fs: fileSystem } = place.mount;
  if (fileSystem instanceof MemFs) {
    const { data, size } = fileSystem.get(place.node);
    return data ? data.subarray(0, Math.min(size, max)) : Buffer.alloc(0);
  }
  const hostPath = fileSystem.hostPath?.(place.node);
  if (hostPath === undefined) throw new Errno("EACCES");
  return attempt(() => readHost(toBuffer(hostPath), max));
}

function readHost(path: Buffer, max: number): Buffer {
  const fd = fs.openSync(path, "r");
  try {
    const buffer = Buffer.alloc(Math.min(max, fs.fstatSync(fd).size));
    return buffer.subarray(0, fs.readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}
