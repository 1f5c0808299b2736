/** Stop, restart, freeze, unfreeze. A stop never escalates by itself: who wants force says so. */
import { withTimeout } from "../../platform/sleep.ts";
import type { Daemon } from "../daemon.ts";
import { failure } from "../errors.ts";
import { rootRequestor } from "../events.ts";
import type { InstanceRecord } from "../records.ts";
import { keyOf } from "../world.ts";
import type { Machine } from "./machine.ts";
import { bringUp } from "./start.ts";
import { instanceUrl } from "./view.ts";

const sigkill = 9;
const sigpwr = 30;

export interface StopRequest {
  force: boolean;
  /** Seconds; negative: no limit; 0: force. */
  timeout: number;
  stateful: boolean;
}

function thaw(machine: Machine): void {
  if (machine.phase !== "frozen") return;
  machine.guest.unfreeze();
  machine.phase = "running";
}

/** Resolves when the instance can start again. */
async function bringDown(
  daemon: Daemon,
  instance: InstanceRecord,
  machine: Machine,
  request: StopRequest,
): Promise<void> {
  if (machine.phase === "frozen" && !request.force && request.timeout !== 0) unfreezeInstance(daemon, instance);
  thaw(machine);
  if (request.force || request.timeout === 0) {
    machine.guest.kill(machine.settings.stopSignal);
    if (machine.settings.stopSignal === sigkill) await daemon.guard(machine.ended);
  } else {
    machine.guest.kill(machine.settings.haltSignal ?? sigpwr);
    await awaitShutdown(daemon, machine, request.timeout);
  }
  await daemon.guard(machine.gone);
}

async function awaitShutdown(daemon: Daemon, machine: Machine, timeout: number): Promise<void> {
  if (timeout < 0) {
    await daemon.guard(machine.ended);
    return;
  }
  const ended = machine.ended.then(() => true);
  if (await daemon.guard(withTimeout(daemon.world.clock, timeout * 1000, ended, false))) return;
  machine.stopReason = undefined;
  throw failure('Failed shutting down instance, status is "Running": shutting down the container failed');
}

function runningMachine(instance: InstanceRecord): Machine {
  const { machine } = instance;
  if (machine === null || machine.phase === "stopping") throw failure("The instance is already stopped");
  return machine;
}

export async function stopInstance(daemon: Daemon, instance: InstanceRecord, request: StopRequest): Promise<void> {
  const machine = runningMachine(instance);
  const key = keyOf(instance.project, instance.name);
  const isForced = request.force || request.timeout === 0;
  // A second stop joins the first; with force it cuts it short.
  const holder = daemon.locks.holder(key);
  using _lock = holder === "stop" ? undefined : daemon.locks.acquire(key, "stop");
  if (request.stateful) throw failure("Unable to perform container live migration. CRIU isn't installed");
  machine.stopReason = isForced ? "forced" : "graceful";
  await bringDown(daemon, instance, machine, request);
}

/** By force and without an event: the caller has it started again. */
export async function takeDown(daemon: Daemon, instance: InstanceRecord): Promise<void> {
  const machine = runningMachine(instance);
  using _lock = daemon.locks.acquire(keyOf(instance.project, instance.name), "stop");
  machine.stopReason = "restart";
  await bringDown(daemon, instance, machine, { force: true, timeout: 0, stateful: false });
}

export async function restartInstance(daemon: Daemon, instance: InstanceRecord, request: StopRequest): Promise<void> {
  const machine = runningMachine(instance);
  const isForced = request.force || request.timeout === 0;
  if (machine.phase === "frozen" && !isForced) throw failure("Instance is not running");
  using _lock = daemon.locks.acquire(keyOf(instance.project, instance.name), "restart");
  machine.stopReason = "restart";
  await bringDown(daemon, instance, machine, request);
  // LXD tells of the stop within a restart only where it must not delete the instance
  if (instance.ephemeral) {
    daemon.events.lifecycle(instance.project, {
      action: isForced ? "instance-stopped" : "instance-shutdown",
      source: instanceUrl(instance),
      requestor: rootRequestor,
    });
  }
  await bringUp(daemon, instance);
  daemon.events.lifecycle(instance.project, {
    action: "instance-restarted",
    source: instanceUrl(instance),
    requestor: rootRequestor,
  });
}

export function freezeInstance(daemon: Daemon, instance: InstanceRecord): void {
  const { machine } = instance;
  if (machine === null || machine.phase === "stopping") throw failure("The container isn't running");
  if (machine.phase === "frozen") throw failure("The container is already frozen");
  machine.guest.freeze();
  machine.phase = "frozen";
  daemon.events.lifecycle(instance.project, {
    action: "instance-paused",
    source: instanceUrl(instance),
    requestor: rootRequestor,
  });
}

export function unfreezeInstance(daemon: Daemon, instance: InstanceRecord): void {
  const { machine } = instance;
  if (machine === null || machine.phase === "stopping") throw failure("The container isn't running");
  if (machine.phase === "running") throw failure("The container is already running");
  thaw(machine);
  daemon.events.lifecycle(instance.project, {
    action: "instance-resumed",
    source: instanceUrl(instance),
    requestor: rootRequestor,
  });
}
