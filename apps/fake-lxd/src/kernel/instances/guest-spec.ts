/** From LXC configuration to what the guest kernel starts. */
import type { FileTree, Guest, GuestNamespaces, GuestSpec } from "../../guest/types.ts";
import { GuestStartError } from "../../guest/types.ts";
import { guestMounts } from "../devices/mounts.ts";
import { guestInterface } from "../devices/nics.ts";
import type { InstanceRecord } from "../records.ts";
import { seccompFilter } from "../seccomp-policy.ts";
import { keyOf, type World } from "../world.ts";
import { limitsOf } from "./limits-of.ts";
import type { LxcConfig } from "./lxc-config.ts";
import { parseIdMap } from "./volatile.ts";

function notRunning(target: string): GuestStartError {
  return new GuestStartError(`namespace of ${target}`, [
    {
      source: "confile_utils - ../src/lxc/confile_utils.c:lxc_container_name_to_pid:887",
      message: `Invalid argument - Container "${target}" is not running`,
    },
    {
      source: "start - ../src/lxc/start.c:__lxc_start:2068",
      message: "Invalid argument - Failed to record inherited namespaces",
    },
  ]);
}

/** An instance of the project, or a pid: a guest's init, else the host. */
function guestNamed(world: World, project: string, target: string): Guest | "host" {
  const pid = /^\d+$/.test(target) ? target : /^\/proc\/(\d+)\/ns\//.exec(target)?.[1];
  if (pid !== undefined) {
    const owner = world.instancesOf(undefined).find((other) => other.machine?.guest.pid === Number(pid));
    return owner?.machine?.guest ?? "host";
  }
  const machine = world.instances.get(keyOf(project, target))?.machine;
  if (machine === undefined || machine === null || !machine.guest.running) throw notRunning(target);
  return machine.guest;
}

function namespacesOf(world: World, instance: InstanceRecord, lxc: LxcConfig): GuestNamespaces {
  return Object.fromEntries(
    Object.entries(lxc.settings.share).map(([kind, target]) => [kind, guestNamed(world, instance.project, target)]),
  );
}

/** liblxc gives up on an interface that has addresses but no type. */
function checkNetworks(lxc: LxcConfig): void {
  for (const index of lxc.settings.networks.keys()) {
    if (index < lxc.nics.length) continue;
    throw new GuestStartError("network without a type", [
      {
        source: "network - ../src/lxc/network.c:lxc_create_network_priv:3427",
        message: "Failed to create network device",
      },
      { source: "start - ../src/lxc/start.c:lxc_spawn:1843", message: "Failed to create the network" },
    ]);
  }
}

export function guestSpecOf(world: World, instance: InstanceRecord, rootfs: FileTree, lxc: LxcConfig): GuestSpec {
  const { settings } = lxc;
  const namespaces = namespacesOf(world, instance, lxc);
  checkNetworks(lxc);
  const map = parseIdMap(instance.config["volatile.idmap.next"]);
  return {
    name: instance.name,
    hostname: settings.hostname,
    rootfs,
    rootfsReadonly: settings.rootfsReadonly,
    initArgv: settings.initArgv,
    uid: settings.uid,
    gid: settings.gid,
    cwd: settings.cwd,
    env: { container: "lxc", ...settings.environment },
    mounts: guestMounts(world, settings.mounts, lxc.disks),
    namespaces,
    interfaces:
      namespaces.net === undefined
        ? lxc.nics.map((nic, index) => guestInterface(world, instance, nic, index, settings))
        : [],
    console: settings.console,
    security: {
      privileged: map === undefined,
      idmapBase: map?.base ?? 0,
      idmapSize: map?.size ?? 2 ** 32 - 1,
      ...(settings.capKeep !== undefined && { capKeep: settings.capKeep }),
      capDrop: settings.capDrop,
      noNewPrivs: settings.noNewPrivs,
      seccomp: settings.seccompProfile === "" ? undefined : seccompFilter(lxc.config["raw.seccomp"] ?? ""),
      ...(settings.apparmorProfile !== undefined && { apparmorProfile: settings.apparmorProfile }),
    },
    limits: limitsOf(lxc.config, settings.cgroup),
    sysctls: settings.sysctls,
    ...(settings.oomScoreAdj !== undefined && { oomScoreAdj: settings.oomScoreAdj }),
    cgroupPath: settings.cgroupPath ?? `lxc.payload.${instance.name}`,
  };
}
