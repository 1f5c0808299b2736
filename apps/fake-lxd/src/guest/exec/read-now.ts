/** The start of a regular file at once, for what the kernel itself reads. */
import { constants } from "node:fs";
import type { Host } from "../../platform/types.ts";
import { Errno } from "../core/errno.ts";
import type { Location } from "../vfs/mount.ts";
import { attempt } from "../vfs/attempt.ts";
import { MemFs } from "../vfs/mem-fs.ts";

/** At most `max` bytes, which may be the file's own: not to be changed. */
export function readNow(host: Host, place: Location, max: number): Buffer {
  const { fs: fileSystem } = place.mount;
  if (fileSystem instanceof MemFs) {
    const { data, size } = fileSystem.get(place.node);
    return data ? data.subarray(0, Math.min(size, max)) : Buffer.alloc(0);
  }
  return readHost(host, place, (size) => Buffer.allocUnsafe(Math.min(max, size)));
}

/** As much as `into` takes; how many bytes these are. */
export function readInto(host: Host, place: Location, into: Buffer): number {
  if (place.mount.fs instanceof MemFs) return readNow(host, place, into.length).copy(into);
  return readHost(host, place, () => into).length;
}

function readHost(host: Host, { mount, node }: Location, bufferFor: (size: number) => Buffer): Buffer {
  const path = mount.fs.hostPath?.(node);
  if (path === undefined) throw new Errno("EACCES");
  return attempt(() => readOpened(host, path, bufferFor));
}

function readOpened(host: Host, path: string, bufferFor: (size: number) => Buffer): Buffer {
  const file = host.open(path, constants.O_RDONLY);
  try {
    const buffer = bufferFor(file.stat().size);
    return buffer.subarray(0, file.read(buffer, 0));
  } finally {
    file.close();
  }
}
