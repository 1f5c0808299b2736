/** The LXD instance behind a pod or a container. */
import type { LxdClient } from "@lxe/lxd-client";

export interface LxdInstance {
  readonly name: string;
  /** LXD's effective config. */
  readonly config: Readonly<Record<string, string>>;
  readonly status: string;
  /** Of the first process, on the host; 0 when it does not run. */
  readonly pid: number;
}

/** By its CRI id. */
export async function lxdInstance(lxd: LxdClient, id: string): Promise<LxdInstance> {
  const instances = await lxd.instances.list();
  const found = instances.find(({ config }) => config["user.lxe.id"] === id);
  if (!found) throw new Error(`LXD has no instance with the id ${id}`);
  const { pid, status } = await lxd.instances.state(found.name);
  return { name: found.name, config: found.expanded_config ?? found.config, status, pid };
}
