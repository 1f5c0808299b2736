/** System calls about processes. */
import { capabilitiesFor, has } from "../core/capabilities.ts";
import { ExecRequest, type Program } from "../core/control.ts";
import { Errno } from "../core/errno.ts";
import { type ExitStatus, Process } from "../core/process.ts";
import { ProcessGroup, Session } from "../core/process-group.ts";
import { SIGCHLD, SIGCONT } from "../core/signals.ts";

/** A child that runs `program` with copies of everything. EAGAIN at the guest's limit. */
export function fork(
  parent: Process,
  program: Program,
  options: { group?: ProcessGroup; keepHandlers?: boolean } = {},
): Process {
  parent.alive();
  if (parent.cgroup.full) throw new Errno("EAGAIN");
  const child = new Process({
    machine: parent.machine,
    cgroup: parent.cgroup,
    mounts: parent.mounts,
    namespaces: parent.namespaces,
    credentials: parent.credentials,
    capabilities: parent.capabilities,
    cwd: parent.cwd,
    argv: parent.argv,
    env: parent.env,
    parent,
    fds: parent.fds.fork(),
    umask: parent.umask,
    group: options.group ?? parent.group,
    noNewPrivs: parent.noNewPrivs,
    seccomp: parent.seccomp,
  });
  child.comm = parent.comm;
  child.exe = parent.exe;
  child.copyDispositions(parent, options.keepHandlers ?? false);
  child.run(program);
  return child;
}

/** Never returns: the process goes on with the file's program. Throws an Errno, with nothing changed, when it cannot. */
export async function execve(process: Process, path: string, argv: string[], env: Map<string, string>): Promise<never> {
  const held = process.enter();
  if (held !== undefined) await held;
  const program = process.machine.loadProgram(process, path, argv, env);
  throw new ExecRequest(program);
}

/** Fork and exec in one. Throws, without a child, when the file cannot be executed. */
export function spawn(parent: Process, path: string, argv: string[], env = parent.env): Process {
  return fork(parent, async (child) => execve(child, path, argv, env));
}

export interface Waited {
  child: Process;
  status: ExitStatus;
}

/**
 * Waits for one of `children()` to end and reaps it. ECHILD when there is none. With `noHang` null when none has ended. EINTR when a
 * signal was handled meanwhile.
 */
export async function waitFor(
  process: Process,
  wanted: (child: Process) => boolean,
  noHang = false,
): Promise<Waited | null> {
  return process.block<Waited | null>(process.childChanged, () => {
    const candidates = [...process.children].filter(wanted);
    if (candidates.length === 0) throw new Errno("ECHILD");
    const child = candidates.find(({ dead }) => dead);
    if (!child?.status) return noHang ? null : undefined;
    child.reap();
    return { child, status: child.status };
  });
}

/** Waits for this child, whatever signals come meanwhile. */
export async function waitForEnd(process: Process, child: Process): Promise<ExitStatus> {
  for (;;) {
    try {
      const waited = await waitFor(process, (one) => one === child);
      if (waited) return waited.status;
    } catch (error) {
      if (child.status && !process.dead) return child.status;
      if (!(error instanceof Errno && error.code === "EINTR")) throw error;
    }
  }
}

/** The number that `$?` and exec's result give it. */
export function exitCode(status: ExitStatus): number {
  return "code" in status ? status.code : 128 + status.signal;
}

/** kill(2), with pid 0, -1 and groups. */
export function kill(process: Process, pid: number, signal: number): void {
  process.alive();
  const targets = killTargets(process, pid);
  if (targets.length === 0) throw new Errno("ESRCH");
  const allowed = targets.filter((target) => maySignal(process, target, signal));
  if (allowed.length === 0) throw new Errno("EPERM");
  for (const target of allowed) target.signal(signal, process);
  process.alive();
}

function killTargets(process: Process, pid: number): Process[] {
  const { pid: namespace } = process.namespaces;
  if (pid > 0) {
    const found = namespace.get(pid);
    return found ? [found] : [];
  }
  if (pid === -1) return namespace.processes().filter((one) => one !== process && !one.isInit && !one.dead);
  if (pid === 0) return [...process.group.members];
  const group = namespace.processes().find((one) => one.group.leader.pidIn(process.namespaces) === -pid)?.group;
  return group ? [...group.members] : [];
}

function maySignal(process: Process, target: Process, signal: number): boolean {
  const { credentials: own } = process;
  const { credentials: other } = target;
  if (own.euid === 0 || has(process.capabilities, "kill")) return true;
  if (signal === SIGCONT && target.group.session === process.group.session) return true;
  return [own.uid, own.euid].some((uid) => uid === other.uid || uid === other.suid);
}

/** EPERM for a group's leader. */
export function setsid(process: Process): void {
  process.alive();
  if (process.group.leader === process) throw new Errno("EPERM");
  move(process, new ProcessGroup(process, new Session(process)));
}

/** A group of its own in the same session. */
export function setpgid(process: Process): void {
  process.alive();
  if (process.group.leader === process) return;
  move(process, new ProcessGroup(process, process.group.session));
}

function move(process: Process, group: ProcessGroup): void {
  process.group.members.delete(process);
  process.group = group;
  group.members.add(process);
}

export function setUid(process: Process, uid: number): void {
  process.alive();
  const { credentials } = process;
  if (credentials.euid !== 0 && uid !== credentials.uid && uid !== credentials.suid) throw new Errno("EPERM");
  process.credentials = { ...credentials, uid, euid: uid, suid: uid };
  if (uid !== 0) process.capabilities = capabilitiesFor(uid, process.capabilities.bounding);
}

export function ignoresChildren(process: Process): boolean {
  return process.disposition(SIGCHLD) === "ignore";
}
