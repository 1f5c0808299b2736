/** Starting a command in an instance and waiting for its end: what all ways of exec have in common. */
import type { GuestExecSpec, GuestExit, GuestProcess } from "../../guest/types.ts";
import type { Daemon } from "../daemon.ts";
import { failure } from "../errors.ts";
import type { Machine } from "../instances/machine.ts";
import { instanceUrl } from "../instances/view.ts";
import type { InstanceRecord } from "../records.ts";

export interface ExecRequest {
  command: string[];
  environment: Record<string, string>;
  waitForWebsocket: boolean;
  recordOutput: boolean;
  interactive: boolean;
  width: number;
  height: number;
  user: number;
  group: number;
  cwd: string;
}

export const sigkill = 9;

function exitStatus(exit: GuestExit): number {
  return "code" in exit ? exit.code : 128 + exit.signal;
}

export interface Run {
  daemon: Daemon;
  instance: InstanceRecord;
  machine: Machine;
  request: ExecRequest;
  environment: Record<string, string>;
}

export type Stdio = Pick<GuestExecSpec, "stdin" | "stdout" | "stderr">;

/** Starts the command; a daemon that dies takes it with it. */
export async function launch(run: Run, stdio: Stdio): Promise<GuestProcess> {
  const { request, machine, daemon, instance } = run;
  if (request.command.length === 0) throw failure("Failed to retrieve PID of executing child process");
  daemon.events.lifecycle(instance.project, {
    action: "instance-exec",
    source: instanceUrl(instance),
    context: { command: request.command },
  });
  const process = await daemon.guard(
    machine.guest.exec({
      argv: request.command,
      // liblxc's own, which LXD does not tell of
      env: { container: "lxc", ...run.environment },
      cwd: request.cwd || run.environment["HOME"] || "/",
      uid: request.user,
      gid: request.group,
      ...stdio,
      ...(request.interactive && { tty: { columns: request.width || 80, rows: request.height || 25 } }),
    }),
  );
  const hook = daemon.onDeath(() => process.kill(sigkill));
  void process.exited.then(() => hook[Symbol.dispose]());
  return process;
}

/** LXD 5.0: the command has ended when nobody holds its output any more. */
export async function statusOf(run: Run, process: GuestProcess): Promise<number> {
  const exit = await run.daemon.guard(process.exited);
  await run.daemon.guard(process.outputClosed);
  return exitStatus(exit);
}
