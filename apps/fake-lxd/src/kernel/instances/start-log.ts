/** lxc.log and lxc.conf as a start leaves them. */
import { LogStore } from "../logs.ts";
import type { InstanceRecord } from "../records.ts";
import { logTime } from "../time.ts";
import type { World } from "../world.ts";
import type { LxcConfig } from "./lxc-config.ts";

export function prepareLog(world: World, instance: InstanceRecord, lxc: LxcConfig): void {
  const directory = LogStore.directoryOf(instance.project, instance.name);
  world.logs.rotate(directory, "lxc.log");
  world.logs.write(directory, "lxc.conf", lxc.text);
  if (lxc.settings.logsExit) {
    const text = `Set process title to [lxc monitor] ${world.directory}/containers ${instance.name}`;
    logLine(world, instance, "INFO", "lxccontainer - ../src/lxc/lxccontainer.c:do_lxcapi_start:998", text);
  }
}

export function logLine(world: World, instance: InstanceRecord, level: string, source: string, message: string): void {
  const line = `lxc ${instance.name} ${logTime(world.clock.now())} ${level.padEnd(8)} ${source} - ${message}\n`;
  world.logs.append(LogStore.directoryOf(instance.project, instance.name), "lxc.log", line);
}

/** An exit with code 0 leaves a log that goes on after this line, and a host that lost power one that ends with it. */
export function logStarted(world: World, instance: InstanceRecord, { settings }: LxcConfig, pid: number): void {
  if (!settings.logsExit) return;
  const text = `Started "${settings.initArgv[0] ?? ""}" with pid "${pid}"`;
  logLine(world, instance, "NOTICE", "start - ../src/lxc/start.c:post_start:2205", text);
}
