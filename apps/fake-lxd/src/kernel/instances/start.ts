/** Starting a container, with LXD's checks in LXD's order. */
import { type FileTree, GuestStartError } from "../../guest/types.ts";
import type { Daemon } from "../daemon.ts";
import { startProxy } from "../devices/proxies.ts";
import { failure, within } from "../errors.ts";
import type { Requestor } from "../events.ts";
import { LogStore } from "../logs.ts";
import { randomUuid } from "../../platform/seeded.ts";
import type { Operation } from "../operations.ts";
import type { Devices, InstanceRecord } from "../records.ts";
import { keyOf, type World } from "../world.ts";
import { dismantle, handleEnd, recordStop } from "./end.ts";
import { expandedDevices } from "./expand.ts";
import { guestSpecOf } from "./guest-spec.ts";
import { logDirectory, type LxcConfig, lxcConfigOf } from "./lxc-config.ts";
import { logExit, Machine } from "./machine.ts";
import { dropConfig, setConfig } from "./own-config.ts";
import { checkDevicesExist } from "./start-checks.ts";
import { logLine, logStarted, prepareLog } from "./start-log.ts";
import { instanceUrl } from "./view.ts";
import { giveHostName } from "./volatile.ts";

/** LXD shifts the file system when the map differs from the one it was left with. */
function remap(world: World, instance: InstanceRecord, operation: Operation | undefined): void {
  const { config } = instance;
  const next = config["volatile.idmap.next"] ?? "[]";
  if (config["volatile.last_state.idmap"] !== next) {
    operation?.update({ container_progress: "Remapping container filesystem" });
    if (instance.rootfs === null) {
      const path = `${world.directory}/storage-pools/${instance.pool}/containers/${LogStore.directoryOf(instance.project, instance.name)}/rootfs`;
      throw failure(`Failed to handle idmapped storage: No such file or directory: ${JSON.stringify(path)}`);
    }
    operation?.update({ container_progress: "" });
  }
  setConfig(instance, { "volatile.idmap.current": next, "volatile.last_state.idmap": next });
}

/** liblxc's failure is only in its log; LXD says no more than that forkstart failed. */
async function reportFailure(
  daemon: Daemon,
  instance: InstanceRecord,
  lxc: LxcConfig,
  error: GuestStartError,
): Promise<never> {
  const { world } = daemon;
  for (const { source, message } of error.log) logLine(world, instance, "ERROR", source, message);
  const last = 'Received container state "ABORTING" instead of "RUNNING"';
  logLine(world, instance, "ERROR", "lxccontainer - ../src/lxc/lxccontainer.c:wait_on_daemonized_start:878", last);
  if (lxc.settings.hasStopHook) await daemon.sleep(world.timing.failedStart);
  dropHostNames(instance);
  const conf = `${logDirectory(world, instance)}/lxc.conf`;
  const name = LogStore.directoryOf(instance.project, instance.name);
  throw failure(`Failed to run: /usr/bin/lxd forkstart ${name} ${world.directory}/containers ${conf}: exit status 1`);
}

function dropHostNames(instance: InstanceRecord): void {
  dropConfig(instance, (key) => key.endsWith(".host_name"));
}

function nameHostInterfaces(world: World, instance: InstanceRecord, devices: Devices): void {
  for (const [name, device] of Object.entries(devices)) {
    if (device["type"] === "nic") giveHostName(world, instance, name, device);
  }
}

/**
 * What liblxc does: it goes on when the daemon dies meanwhile, and the next daemon finds the container running. So the
 * machine is put down as the instance's here and not by whoever waits for it.
 */
async function spawn(world: World, instance: InstanceRecord, rootfs: FileTree, lxc: LxcConfig): Promise<Machine> {
  try {
    const guest = await world.guests.start(guestSpecOf(world, instance, rootfs, lxc));
    logStarted(world, instance, lxc, guest.pid);
    const machine = new Machine(guest, lxc.settings, (exit) => logExit(world, instance, machine, exit));
    instance.machine = machine;
    return machine;
  } finally {
    instance.isStarting = false;
  }
}

async function startMachine(daemon: Daemon, instance: InstanceRecord, lxc: LxcConfig): Promise<Machine> {
  const { world } = daemon;
  if (instance.rootfs === null) throw failure("Instance has no root file system");
  await daemon.sleep(world.timing.start);
  try {
    return await daemon.guard(spawn(world, instance, instance.rootfs, lxc));
  } catch (error) {
    if (error instanceof GuestStartError) return await reportFailure(daemon, instance, lxc, error);
    throw error;
  }
}

/** LXD starts them once there is a container; when one fails it takes the container down again. */
async function startProxies(
  daemon: Daemon,
  instance: InstanceRecord,
  machine: Machine,
  devices: Devices,
): Promise<void> {
  try {
    for (const [name, device] of Object.entries(devices)) {
      if (device["type"] !== "proxy") continue;
      machine.proxies.set(name, await daemon.guard(startProxy(device, machine.guest)));
    }
  } catch (error) {
    machine.guest.kill(9);
    await daemon.guard(machine.ended);
    recordStop(instance, machine);
    await daemon.guard(dismantle(instance, machine));
    throw error;
  }
}

/** Before LXC gets to work: also a start that fails there counts as one. */
function recordStart(daemon: Daemon, instance: InstanceRecord): void {
  instance.lastUsedAtMs = daemon.world.clock.now();
  setConfig(instance, {
    "volatile.last_state.power": "RUNNING",
    "volatile.uuid": instance.config["volatile.uuid"] || randomUuid(daemon.world.random),
    "volatile.apply_template": undefined,
  });
}

/** Everything between the lock and the event. */
export async function bringUp(
  daemon: Daemon,
  instance: InstanceRecord,
  { operation, stateful = false }: { operation?: Operation | undefined; stateful?: boolean } = {},
): Promise<void> {
  const { world } = daemon;
  remap(world, instance, operation);
  const devices = expandedDevices(world, instance);
  checkDevicesExist(world, instance, devices);
  nameHostInterfaces(world, instance, devices);
  instance.isStarting = true;
  try {
    const lxc = lxcConfigOf(world, instance);
    prepareLog(world, instance, lxc);
    if (stateful) throw failure("Container has no existing state to restore");
    recordStart(daemon, instance);
    const machine = await startMachine(daemon, instance, lxc);
    await startProxies(daemon, instance, machine, lxc.devices);
    watchEnd(daemon, instance, machine);
  } finally {
    instance.isStarting = false;
  }
}

/** The monitor's stop hook reaches whichever daemon lives then; see `autostart.ts` for containers that ended unseen. */
export function watchEnd(daemon: Daemon, instance: InstanceRecord, machine: Machine): void {
  void machine.ended.then(() => (daemon.alive ? handleEnd(daemon, instance, machine) : undefined));
}

export interface StartOptions {
  operation?: Operation;
  stateful: boolean;
  /** Who asked for it; absent when LXD starts it on its own. */
  requestor?: Requestor;
}

export async function startInstance(
  daemon: Daemon,
  instance: InstanceRecord,
  { operation, stateful, requestor }: StartOptions,
): Promise<void> {
  if (instance.machine !== null && instance.machine.phase !== "stopping")
    throw failure("The instance is already running");
  const key = keyOf(instance.project, instance.name);
  let lock: Disposable;
  try {
    lock = daemon.locks.acquire(key, "start");
  } catch (error) {
    throw within("Failed to create instance start operation", error);
  }
  try {
    await bringUp(daemon, instance, { operation, stateful });
  } catch (error) {
    lock[Symbol.dispose]();
    if (error instanceof Error && error.message.includes("forkstart")) stayBusy(daemon, instance);
    throw error;
  }
  lock[Symbol.dispose]();
  daemon.events.lifecycle(instance.project, {
    action: "instance-started",
    source: instanceUrl(instance),
    requestor,
  });
}

/** After a failed start LXD's own stop hook goes on for a while. */
function stayBusy(daemon: Daemon, instance: InstanceRecord): void {
  const lock = daemon.locks.acquire(keyOf(instance.project, instance.name), "stop");
  daemon.world.clock.setTimer(daemon.world.timing.failedStartBusy, () => {
    if (!daemon.alive) return;
    setConfig(instance, { "volatile.last_state.power": "STOPPED" });
    lock[Symbol.dispose]();
  });
}
