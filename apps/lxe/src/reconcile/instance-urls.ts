/** Which instances LXD speaks of. */
import type { Operation } from "@lxe/lxd-client";

/** Of the URL of an instance, or of something of it; older LXDs say containers, and a project may stand behind it. */
export function instanceIn(url: string): string | undefined {
  const name = /^\/1\.0\/(?:instances|containers)\/([^/?]+)/.exec(url)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}

/** None where LXD does not tell whom the operation is about. */
export function instancesOf({ resources }: Pick<Operation, "resources">): string[] {
  return Object.values(resources ?? {})
    .flat()
    .flatMap((url) => instanceIn(url) ?? []);
}
