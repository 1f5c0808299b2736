/** What `lxd init --auto` leaves behind: a project, a pool, a bridge, and a profile that uses them. */
import { createNetwork } from "./networks/networks.ts";
import { addProject } from "./projects/projects.ts";
import { createPool } from "./storage/pools.ts";
import type { World } from "./world.ts";

const everyFeature = {
  "features.images": "true",
  "features.networks": "true",
  "features.profiles": "true",
  "features.storage.volumes": "true",
};

export function prepareWorld(world: World): void {
  addProject(world, { name: "default", description: "Default LXD project", config: everyFeature });
  createPool(world, { name: "default", driver: "dir", description: "", config: {} });
  createNetwork(world, { name: "lxdbr0", type: "bridge", description: "", config: { "ipv6.address": "none" } });
  const profile = world.profile("default", "default");
  if (profile === undefined) return;
  profile.devices = {
    eth0: { name: "eth0", network: "lxdbr0", type: "nic" },
    root: { path: "/", pool: "default", type: "disk" },
  };
}
