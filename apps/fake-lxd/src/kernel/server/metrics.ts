/** `GET /1.0/metrics`: OpenMetrics text about the running containers, cached for a while as LXD does. */
import type { Guest } from "../../guest/types.ts";
import { metricsCachedMs } from "../../limits.ts";
import { hostMemoryBytes } from "../../platform/host-memory.ts";
import type { InstanceRecord } from "../records.ts";
import type { World } from "../world.ts";

interface Sample {
  labels: Record<string, string>;
  value: number;
}

interface Family {
  name: string;
  type: "counter" | "gauge";
  help: string;
  samples: (guest: Guest) => Sample[];
}

const one = (value: number): Sample[] => [{ labels: {}, value }];

function perInterface(pick: (state: ReturnType<Guest["networkState"]>[number]) => number) {
  return (guest: Guest): Sample[] =>
    guest.networkState().map((state) => ({ labels: { device: state.name }, value: pick(state) }));
}

const memory = (name: string, help: string, value: (guest: Guest) => number): Family => ({
  name: `lxd_memory_${name}_bytes`,
  type: "gauge",
  help,
  samples: (guest) => one(value(guest)),
});

const network = (name: string, help: string, pick: Parameters<typeof perInterface>[0]): Family => ({
  name: `lxd_network_${name}_total`,
  type: "counter",
  help,
  samples: perInterface(pick),
});

const families: readonly Family[] = [
  {
    name: "lxd_cpu_seconds_total",
    type: "counter",
    help: "The total number of CPU time used in seconds.",
    samples: (guest) => [{ labels: { cpu: "0", mode: "user" }, value: guest.usage().cpuNs / 1e9 }],
  },
  memory("Cached", "The amount of cached memory.", () => 0),
  memory("MemAvailable", "The amount of available memory.", (guest) => hostMemoryBytes - guest.usage().memoryBytes),
  memory("MemFree", "The amount of free memory.", (guest) => hostMemoryBytes - guest.usage().memoryBytes),
  memory("MemTotal", "The amount of used memory.", () => hostMemoryBytes),
  memory("RSS", "The amount of anonymous and swap cache memory.", (guest) => guest.usage().memoryBytes),
  memory("Swap", "The amount of used swap memory.", () => 0),
  network("receive_bytes", "The amount of received bytes on a given interface.", (state) => state.bytesReceived),
  network("receive_drop", "The amount of received dropped bytes on a given interface.", () => 0),
  network("receive_errs", "The amount of received errors on a given interface.", () => 0),
  network("receive_packets", "The amount of received packets on a given interface.", (state) => state.packetsReceived),
  network("transmit_bytes", "The amount of transmitted bytes on a given interface.", (state) => state.bytesSent),
  network("transmit_drop", "The amount of transmitted dropped bytes on a given interface.", () => 0),
  network("transmit_errs", "The amount of transmitted errors on a given interface.", () => 0),
  network("transmit_packets", "The amount of transmitted packets on a given interface.", (state) => state.packetsSent),
  {
    name: "lxd_procs_total",
    type: "gauge",
    help: "The number of running processes.",
    samples: (guest) => one(guest.processes().length),
  },
];

function renderSample(name: string, instance: InstanceRecord, sample: Sample): string {
  const labels = { ...sample.labels, name: instance.name, project: instance.project, type: "container" };
  const text = Object.entries(labels)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(",");
  return `${name}{${text}} ${sample.value}\n`;
}

function renderFamily(family: Family, instances: readonly InstanceRecord[]): string {
  const samples = instances.flatMap((instance) =>
    instance.machine === null
      ? []
      : family.samples(instance.machine.guest).map((sample) => renderSample(family.name, instance, sample)),
  );
  if (samples.length === 0) return "";
  return `# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n${samples.join("")}`;
}

export class Metrics {
  readonly #world: World;
  readonly #cache = new Map<string, { text: string; atMs: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Of every project when `project` is undefined. */
  render(project: string | undefined): string {
    const key = project ?? "";
    const now = this.#world.clock.now();
    const cached = this.#cache.get(key);
    if (cached !== undefined && now - cached.atMs < metricsCachedMs) return cached.text;
    const running = this.#world.instancesOf(project).filter((instance) => instance.machine?.guest.running);
    const text = `${families.map((family) => renderFamily(family, running)).join("")}# EOF\n`;
    // An empty answer is not worth keeping.
    if (running.length > 0) this.#cache.set(key, { text, atMs: now });
    return text;
  }
}
