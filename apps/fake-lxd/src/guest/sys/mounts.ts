/** System calls about mounts. */
import { Errno } from "../core/errno.ts";
import { isDirectory, locate } from "../vfs/walk.ts";
import type { Actor } from "./files.ts";

/** Bits of mount_setattr(2), as /proc/mounts names them. */
const ATTRIBUTES = new Map([
  [1n, "ro"],
  [2n, "nosuid"],
  [4n, "nodev"],
  [8n, "noexec"],
]);

/** Sets attributes of the mount whose root `path` is, and with `recursive` of those below it. Others stay. */
export function setMountAttributes(actor: Actor, path: string, bits: bigint, recursive: boolean): void {
  actor.alive();
  const place = locate(actor, path);
  if (place.node !== place.mount.root) throw new Errno("EINVAL");
  const names = [...ATTRIBUTES].flatMap(([bit, name]) => ((bits & bit) === 0n ? [] : [name]));
  const mounts = recursive ? actor.mounts.tree(place.mount) : [place.mount];
  for (const mount of mounts) {
    if (names.includes("ro")) mount.readonly = true;
    const others = names.filter((name) => name !== "ro" && !mount.options.includes(name));
    mount.options = [...mount.options, ...others];
  }
}

/** Shows at `target` what is at `source`. The caller has checked that the process may mount. */
export function bindMount(actor: Actor, source: string, target: string): void {
  actor.alive();
  const what = locate(actor, source);
  const at = locate(actor, target);
  if (isDirectory(what, actor.asker) !== isDirectory(at, actor.asker)) throw new Errno("ENOTDIR");
  const { fs, source: device, readonly, options } = what.mount;
  actor.mounts.add(at, { fs, root: what.node, source: device, readonly, options });
}
