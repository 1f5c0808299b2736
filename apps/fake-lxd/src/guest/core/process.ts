/**
 * A process of a guest: a program (an async function) with an identity, file descriptors, signals and relatives.
 *
 * It ends in one way: `end` is called, which at once closes its files, tells its parent and makes each sleeping call of its
 * program throw `ProcessGone`. A program that still runs code after that meets the same error at its next call.
 */
import type { SeccompFilter } from "../types.ts";
import type { Location, MountTable } from "../vfs/mount.ts";
import type { Credentials } from "../vfs/credentials.ts";
import type { View } from "../vfs/walk.ts";
import type { Capabilities } from "./capabilities.ts";
import type { Cgroup } from "./cgroup.ts";
import { ExecRequest, ExitRequest, ProcessGone, type Program } from "./control.ts";
import { Errno } from "./errno.ts";
import { FdTable } from "./fd-table.ts";
import type { Machine } from "./machine.ts";
import type { Namespaces } from "./namespaces.ts";
import type { Sleeper } from "./open-file.ts";
import { ProcessGroup, Session } from "./process-group.ts";
import { defaultAction, SIGCHLD, SIGCONT, SIGHUP, SIGKILL, SIGSEGV, SIGSTOP } from "./signals.ts";
import { WaitQueue } from "./wait-queue.ts";

export type ExitStatus = { code: number } | { signal: number };

/** A handler runs when the signal arrives; `restart`: sleeping calls go on instead of failing with EINTR. */
export type Disposition = "default" | "ignore" | { handler: (signal: number) => void; restart: boolean };

/** Calls that come back without ever sleeping would keep the event loop for themselves. */
const callsPerTurn = 64;

export interface ProcessOptions {
  machine: Machine;
  cgroup: Cgroup;
  mounts: MountTable;
  namespaces: Namespaces;
  credentials: Credentials;
  capabilities: Capabilities;
  cwd: Location;
  argv: string[];
  env: Map<string, string>;
  parent: Process | null;
  fds?: FdTable;
  umask?: number;
  group?: ProcessGroup;
  noNewPrivs?: boolean;
  seccomp?: SeccompFilter | undefined;
}

export class Process implements Sleeper, View {
  readonly machine: Machine;
  readonly cgroup: Cgroup;
  readonly mounts: MountTable;
  readonly namespaces: Namespaces;
  readonly hostPid: number;
  /** In its own pid namespace. */
  readonly pid: number;
  readonly startMs: number;
  parent: Process | null;
  readonly children = new Set<Process>();
  group: ProcessGroup;
  credentials: Credentials;
  capabilities: Capabilities;
  cwd: Location;
  umask: number;
  argv: string[];
  env: Map<string, string>;
  comm: string;
  exe = "";
  noNewPrivs: boolean;
  seccomp: SeccompFilter | undefined;
  readonly fds: FdTable;
  allocatedBytes = 0;
  /** Set once it is dead. */
  status: ExitStatus | undefined;
  stopped = false;
  /** A child ended, stopped or went on. */
  readonly childChanged = new WaitQueue();
  readonly exited: Promise<ExitStatus>;
  #resolveExited: (status: ExitStatus) => void = () => {};
  #dispositions = new Map<number, Disposition>();
  readonly #sleepers = new Set<(error: Error) => void>();
  readonly #resumed = new WaitQueue();
  #calls = 0;

  constructor(options: ProcessOptions) {
    this.machine = options.machine;
    this.cgroup = options.cgroup;
    this.mounts = options.mounts;
    this.namespaces = options.namespaces;
    this.credentials = options.credentials;
    this.capabilities = options.capabilities;
    this.cwd = options.cwd;
    this.argv = options.argv;
    this.env = options.env;
    this.parent = options.parent;
    this.fds = options.fds ?? new FdTable();
    this.umask = options.umask ?? 0o022;
    this.noNewPrivs = options.noNewPrivs ?? false;
    this.seccomp = options.seccomp;
    this.comm = commOf(options.argv[0] ?? "");
    this.startMs = this.machine.now();
    this.hostPid = this.machine.newPid();
    const { pid } = this.namespaces;
    this.pid = pid.isHost ? this.hostPid : pid.newPid();
    this.machine.hostPids.add(this.hostPid, this);
    if (!pid.isHost) pid.add(this.pid, this);
    this.group = options.group ?? new ProcessGroup(this, new Session(this));
    this.group.members.add(this);
    this.parent?.children.add(this);
    this.cgroup.processes.add(this);
    this.cgroup.checkMemory();
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
  }

  get asker(): Process {
    return this;
  }

  get dead(): boolean {
    return this.status !== undefined;
  }

  get isInit(): boolean {
    return this.namespaces.pid.init === this;
  }

  /** Throws when the process is dead. Every call that has an effect starts with it. */
  alive(): void {
    if (this.dead) throw new ProcessGone();
  }

  /** As another pid namespace numbers it; 0 when it is not visible there. */
  pidIn(namespaces: Pick<Namespaces, "pid">): number {
    if (namespaces.pid.isHost) return this.hostPid;
    return namespaces.pid === this.namespaces.pid ? this.pid : 0;
  }

  /** Starts the program; the promise of its end is `exited`. */
  run(program: Program): void {
    void this.#run(program);
  }

  async #run(program: Program): Promise<void> {
    for (let current: Program | undefined = program; current; ) current = await this.#runOnce(current);
  }

  /** The program that follows by execve, if any. */
  async #runOnce(program: Program): Promise<Program | undefined> {
    try {
      const code = await program(this);
      this.end({ code: code & 255 });
    } catch (error) {
      if (error instanceof ExecRequest) return error.program;
      if (error instanceof ExitRequest) this.end({ code: error.code & 255 });
      else if (!this.dead) this.#crash(error);
    }
    return undefined;
  }

  /** A program that fails in a way it does not handle is a crash of that program, as a null pointer would be. */
  #crash(error: unknown): void {
    const text = error instanceof Errno ? error.text : String((error as Error).stack ?? error);
    void this.#complain(`${this.comm}: ${text}\n`);
    this.end(error instanceof Errno ? { code: 1 } : { signal: SIGSEGV });
  }

  /** On stderr, if that takes it at once. */
  async #complain(text: string): Promise<void> {
    const now: Sleeper = { block: async (_queue, attempt) => attempt() as never };
    try {
      await this.fds.find(2)?.write(now, Buffer.from(text));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  }

  // --- sleeping -----------------------------------------------------------------------------------------------------

  async block<T>(queue: WaitQueue, attempt: () => T | undefined): Promise<T> {
    for (;;) {
      const held = this.enter();
      if (held !== undefined) await held;
      const result = attempt();
      if (result !== undefined) return result;
      await this.sleep((wake) => {
        queue.add(wake);
        return () => queue.remove(wake);
      });
    }
  }

  /** Sleeps until `wake` is called; `subscribe` returns how to give up. EINTR when a signal was handled meanwhile. */
  sleep(subscribe: (wake: () => void) => () => void): Promise<void> {
    this.alive();
    return new Promise((resolve, reject) => {
      const interrupt = (error: Error) => {
        this.#sleepers.delete(interrupt);
        cancel();
        reject(error);
      };
      this.#sleepers.add(interrupt);
      const cancel = subscribe(() => {
        this.#sleepers.delete(interrupt);
        resolve();
      });
    });
  }

  /** For a promise of the outside world; its late result is dropped when the process dies first. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const settled = new WaitQueue();
    let outcome: { value: T } | { error: unknown } | undefined;
    const follow = async () => {
      try {
        outcome = { value: await promise };
      } catch (error) {
        outcome = { error };
      }
      settled.wake();
    };
    void follow();
    const result = await this.block(settled, () => outcome);
    if ("value" in result) return result.value;
    throw result.error;
  }

  /** Sleeps that long by the machine's clock. Throws EINTR when a signal was handled. */
  async sleepMs(delayMs: number): Promise<void> {
    await this.sleep((wake) => {
      const timer = this.machine.clock.setTimer(delayMs, wake);
      return () => timer[Symbol.dispose]();
    });
    const held = this.enter();
    if (held !== undefined) await held;
  }

  /** The start of a call that may sleep: waits while frozen or stopped, and now and then lets others run. */
  async call(): Promise<void> {
    await this.enter();
  }

  /** The same; undefined when there is nothing to wait for, as nearly always. */
  enter(): Promise<void> | undefined {
    this.alive();
    this.cgroup.countCall();
    const yields = ++this.#calls % callsPerTurn === 0;
    return yields || this.cgroup.frozen || this.stopped ? this.#held(yields) : undefined;
  }

  async #held(yields: boolean): Promise<void> {
    if (yields) await this.machine.yieldNow();
    while (!this.dead && (this.cgroup.frozen || this.stopped)) {
      const queue = this.cgroup.frozen ? this.cgroup.thawed : this.#resumed;
      await this.#hold(queue);
    }
    this.alive();
  }

  /** Like `sleep`, but only death ends it early. */
  #hold(queue: WaitQueue): Promise<void> {
    return new Promise((resolve) => {
      const interrupt = () => {
        if (!this.dead) return;
        this.#sleepers.delete(interrupt);
        queue.remove(wake);
        resolve();
      };
      const wake = () => {
        this.#sleepers.delete(interrupt);
        resolve();
      };
      this.#sleepers.add(interrupt);
      queue.add(wake);
    });
  }

  // --- signals ------------------------------------------------------------------------------------------------------

  disposition(signal: number): Disposition {
    return this.#dispositions.get(signal) ?? "default";
  }

  setDisposition(signal: number, disposition: Disposition): void {
    if (signal === SIGKILL || signal === SIGSTOP) throw new Errno("EINVAL");
    if (disposition === "default") this.#dispositions.delete(signal);
    else this.#dispositions.set(signal, disposition);
  }

  /** For a fork: handlers are inherited as long as nobody replaces them. */
  copyDispositions(from: Process, keepHandlers: boolean): void {
    for (const [signal, disposition] of from.#dispositions) {
      if (keepHandlers || disposition === "ignore") this.#dispositions.set(signal, disposition);
    }
  }

  /** For an exec: handlers are gone, what is ignored stays so. */
  resetHandlers(): void {
    for (const [signal, disposition] of this.#dispositions)
      if (disposition !== "ignore") this.#dispositions.delete(signal);
  }

  signalsWith(kind: "ignore" | "handler"): number[] {
    const matches = (value: Disposition) => (kind === "ignore" ? value === "ignore" : typeof value === "object");
    return [...this.#dispositions].filter(([, value]) => matches(value)).map(([signal]) => signal);
  }

  /** `host`: from outside of the guest. 0 only asks whether it could be sent. */
  signal(signal: number, origin: Process | "host"): void {
    if (this.dead || signal === 0) return;
    const disposition = this.disposition(signal);
    if (typeof disposition === "object") return this.#handle(signal, disposition);
    if (disposition === "ignore" || this.#unkillable(signal, origin)) return;
    this.#default(signal);
  }

  /** An init ends by what it handles, and by what cannot be handled when that comes from outside. */
  #unkillable(signal: number, origin: Process | "host"): boolean {
    if (!this.isInit) return false;
    const outside = origin === "host" || origin.namespaces.pid !== this.namespaces.pid;
    return signal !== SIGCONT && !(outside && (signal === SIGKILL || signal === SIGSTOP));
  }

  #handle(signal: number, disposition: { handler: (signal: number) => void; restart: boolean }): void {
    if (signal === SIGCONT) this.#continue();
    disposition.handler(signal);
    if (!disposition.restart) this.#interrupt(new Errno("EINTR"));
  }

  #default(signal: number): void {
    switch (defaultAction(signal)) {
      case "terminate":
        return this.end({ signal });
      case "stop":
        this.stopped = true;
        return this.#tellParent();
      case "continue":
        return this.#continue();
      case "ignore":
        return;
    }
  }

  #continue(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.#resumed.wake();
    this.#tellParent();
  }

  #interrupt(error: Error): void {
    for (const sleeper of this.#sleepers) sleeper(error);
  }

  #tellParent(): void {
    this.parent?.signal(SIGCHLD, this);
    this.parent?.childChanged.wake();
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  end(status: ExitStatus): void {
    if (this.dead) return;
    this.status = status;
    this.#interrupt(new ProcessGone());
    this.fds.closeAll();
    this.cgroup.processes.delete(this);
    this.#dispositions.clear();
    this.#endNamespace();
    this.#leaveChildren();
    this.#endSession();
    const { parent } = this;
    if (!parent || parent.dead || parent.disposition(SIGCHLD) === "ignore") this.reap();
    if (parent && !parent.dead) this.#tellParent();
    this.#resolveExited(status);
  }

  /** Takes its number away; a zombie until then. */
  reap(): void {
    this.parent?.children.delete(this);
    this.group.members.delete(this);
    this.machine.hostPids.remove(this.hostPid);
    if (!this.namespaces.pid.isHost) this.namespaces.pid.remove(this.pid);
  }

  #endNamespace(): void {
    if (!this.isInit) return;
    for (const process of this.namespaces.pid.processes()) if (process !== this) process.end({ signal: SIGKILL });
  }

  #leaveChildren(): void {
    const { init } = this.namespaces.pid;
    for (const child of this.children) {
      this.children.delete(child);
      child.parent = init && !init.dead ? init : null;
      if (child.parent) child.parent.children.add(child);
      if (!child.dead) continue;
      if (child.parent) child.#tellParent();
      else child.reap();
    }
  }

  #endSession(): void {
    const { session } = this.group;
    if (session.leader !== this || !session.tty) return;
    const { tty } = session;
    session.tty = undefined;
    tty.session = undefined;
    tty.foreground?.signal(SIGHUP, "host");
  }
}

/** The kernel's short name of a program. */
export function commOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).slice(0, 15);
}
