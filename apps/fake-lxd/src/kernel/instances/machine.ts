/**
 * A running container and its monitor. In reality these are processes beside the daemon: they, and what they write into
 * lxc.log, live on when the daemon dies. What the daemon does at a container's end is in `end.ts`.
 *
 *     running <-> frozen        (stop, exit, kill) -> stopping -> gone (`InstanceRecord.machine` is null again)
 */
import { existsSync } from "node:fs";
import type { Guest, GuestExit } from "../../guest/types.ts";
import { LogStore } from "../logs.ts";
import { describeSignal } from "../raw-lxc/signals.ts";
import type { LxcSettings } from "../raw-lxc/settings.ts";
import type { InstanceRecord } from "../records.ts";
import { logTime } from "../time.ts";
import type { World } from "../world.ts";
import { ConsoleBuffer } from "./console-buffer.ts";

export type MachinePhase = "running" | "frozen" | "stopping";

/** Why init is going to end, when somebody asked for it. */
export type StopReason = "forced" | "graceful" | "restart";

export class Machine {
  readonly guest: Guest;
  readonly settings: LxcSettings;
  readonly console: ConsoleBuffer | null;
  /** Listeners of proxy devices, by device name. */
  readonly proxies = new Map<string, AsyncDisposable>();
  /** Resolves when the monitor has written the exit into lxc.log. */
  readonly ended: Promise<GuestExit>;
  /** Resolves when nothing of it is left and the instance can start again. */
  readonly gone: Promise<void>;
  readonly markGone: () => void;
  phase: MachinePhase = "running";
  stopReason: StopReason | undefined;

  constructor(guest: Guest, settings: LxcSettings, onExit: (exit: GuestExit) => void) {
    this.guest = guest;
    this.settings = settings;
    this.console = guest.console === null ? null : new ConsoleBuffer(guest.console, hostLog(settings));
    this.ended = guest.exited.then((exit) => {
      this.phase = "stopping";
      onExit(exit);
      return exit;
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.markGone = resolve;
  }
}

/** LXD's own console.log is a file of the fake's log store; only one that a container's configuration names is the host's. */
function hostLog({ consoleLog }: LxcSettings): LxcSettings["consoleLog"] | undefined {
  return existsSync(consoleLog.path) ? consoleLog : undefined;
}

/** `lxc <name> <time> INFO     error - ...`: nothing for exit code 0. */
function exitLogLine(name: string, pid: number, exit: GuestExit, nowMs: number): string | undefined {
  const [text, line] =
    "signal" in exit
      ? [`ended on signal ${describeSignal(exit.signal)}(${exit.signal})`, 34]
      : [`ended on error (${exit.code})`, 31];
  if ("code" in exit && exit.code === 0) return undefined;
  return `lxc ${name} ${logTime(nowMs)} INFO     error - ../src/lxc/error.c:lxc_error_set_and_log:${line} - Child <${pid}> ${text}\n`;
}

/** The hooks that run at every end: they are what shows that a container ended with code 0. */
function hookLogLines(world: World, instance: InstanceRecord, machine: Machine, nowMs: number): string {
  const call = (phase: string) =>
    `/usr/bin/lxd callhook ${world.directory} "${instance.project}" "${instance.name}" ${phase}`;
  const scripts = [
    ...(machine.settings.hasStopHook ? [call("stopns")] : []),
    "/usr/share/lxcfs/lxc.reboot.hook",
    call("stop"),
  ];
  const start = `lxc ${instance.name} ${logTime(nowMs)} INFO     conf - ../src/lxc/conf.c:run_script_argv:341`;
  return scripts.map((script) => `${start} - Executing script "${script}" for container "${instance.name}"\n`).join("");
}

/** The monitor's part of an exit. */
export function logExit(world: World, instance: InstanceRecord, machine: Machine, exit: GuestExit): void {
  if (!machine.settings.logsExit) return;
  const nowMs = world.clock.now();
  const line = exitLogLine(instance.name, machine.guest.pid, exit, nowMs) ?? "";
  const lines = line + hookLogLines(world, instance, machine, nowMs);
  world.logs.append(LogStore.directoryOf(instance.project, instance.name), "lxc.log", lines);
}
