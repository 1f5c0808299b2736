/** `GET /1.0/resources`: the host's processors and memory; it has nothing else. */
import { cpus, freemem, totalmem } from "node:os";
import type { Resources } from "@lxe/lxd-client";
import type { World } from "../world.ts";

const none = { total: 0 };

export function renderResources(world: World): Resources {
  const processors = cpus();
  const total = totalmem();
  const used = total - freemem();
  return {
    cpu: {
      architecture: world.architecture,
      sockets: [
        {
          name: processors[0]?.model ?? "",
          vendor: "",
          socket: 0,
          cache: [],
          cores: processors.map((_, core) => ({
            core,
            die: 0,
            threads: [{ id: core, numa_node: 0, thread: 0, online: true, isolated: false }],
          })),
        },
      ],
      total: processors.length,
    },
    memory: {
      nodes: [{ numa_node: 0, hugepages_used: 0, hugepages_total: 0, used, total }],
      hugepages_total: 0,
      hugepages_used: 0,
      hugepages_size: 2 * 1024 * 1024,
      used,
      total,
    },
    gpu: { cards: [], ...none },
    network: { cards: [], ...none },
    storage: { disks: [], ...none },
    usb: { devices: [], ...none },
    pci: { devices: [], ...none },
    system: {
      uuid: "",
      vendor: "",
      product: "",
      family: "",
      version: "",
      sku: "",
      serial: "",
      type: "container",
      firmware: null,
      chassis: null,
      motherboard: null,
    },
  };
}
