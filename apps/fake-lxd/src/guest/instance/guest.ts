/** One started instance. */
import type { Duplex } from "node:stream";
import { toBytes } from "../core/bytes.ts";
import { capabilitiesFor } from "../core/capabilities.ts";
import { Cgroup, killAll } from "../core/cgroup.ts";
import { Errno } from "../core/errno.ts";
import type { Machine } from "../core/machine.ts";
import type { Namespaces } from "../core/namespaces.ts";
import { O_RDWR } from "../core/open-file.ts";
import { Process } from "../core/process.ts";
import { SIGKILL } from "../core/signals.ts";
import { connectGuest, listenInGuest } from "../net/outside.ts";
import {
  type Guest,
  type GuestExecSpec,
  type GuestExit,
  type GuestInterface,
  type GuestInterfaceState,
  type GuestLimits,
  type GuestMount,
  type GuestProcess,
  type GuestSpec,
  GuestStartError,
} from "../types.ts";
import { credentialsOf } from "../vfs/credentials.ts";
import { nullDevice } from "../vfs/devices.ts";
import { FileAccess } from "../vfs/file-access.ts";
import { locate } from "../vfs/walk.ts";
import { Console } from "./console.ts";
import { environment } from "./environment.ts";
import { execInGuest } from "./exec.ts";
import type { GuestMounts } from "./mounts.ts";
import { boundingSet, interfaceOf } from "./namespaces.ts";

export class RunningGuest implements Guest {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<GuestExit>;
  readonly files: FileAccess;
  readonly console: Console | null;
  readonly init: Process;
  readonly namespaces: Namespaces;
  readonly cgroup: Cgroup;
  readonly spec: GuestSpec;
  readonly machine: Machine;
  readonly mounts: GuestMounts;

  constructor(machine: Machine, spec: GuestSpec, namespaces: Namespaces, mounts: GuestMounts) {
    this.machine = machine;
    this.spec = spec;
    this.name = spec.name;
    this.namespaces = namespaces;
    this.mounts = mounts;
    this.files = new FileAccess(mounts.actor);
    this.cgroup = new Cgroup(spec.cgroupPath, machine.log);
    this.setLimits(spec.limits);
    this.console = spec.console === "pty" ? new Console() : null;
    this.init = this.#createInit();
    this.pid = this.init.hostPid;
    this.exited = this.init.exited.then((status) => {
      this.console?.end();
      // lxe does this by the cgroup's files on the host, which a fake cannot have
      killAll(this.cgroup);
      return status;
    });
  }

  get running(): boolean {
    return !this.init.dead;
  }

  /** Makes init its program. Throws a `GuestStartError` when it cannot be executed. */
  startInit(): void {
    const argv = this.spec.initArgv.map(toBytes);
    const path = argv[0] ?? "";
    try {
      const program = this.machine.loadProgram(this.init, path, argv, this.init.env);
      this.init.run(program);
    } catch (error) {
      this.init.end({ code: 1 });
      if (!(error instanceof Errno)) throw error;
      throw new GuestStartError(`${error.text} - Failed to exec "${this.spec.initArgv[0] ?? ""}"`, [
        { source: "start", message: `${error.text} - Failed to exec "${this.spec.initArgv[0] ?? ""}"` },
        { source: "sync", message: "An error occurred in another process (expected sequence number 7)" },
      ]);
    }
  }

  #createInit(): Process {
    const { spec, namespaces } = this;
    const init = new Process({
      machine: this.machine,
      cgroup: this.cgroup,
      mounts: this.mounts.table,
      namespaces,
      credentials: credentialsOf(spec.uid, spec.gid),
      capabilities: capabilitiesFor(spec.uid, boundingSet(spec.security)),
      cwd: this.directory(spec.cwd),
      argv: spec.initArgv.map(toBytes),
      env: environment(spec.env),
      parent: null,
      noNewPrivs: spec.security.noNewPrivs,
      seccomp: spec.security.seccomp,
    });
    if (this.console) this.#attachConsole(init, this.console);
    for (const fd of [0, 1, 2]) if (!init.fds.find(fd)) init.fds.set(fd, nullDevice(O_RDWR));
    return init;
  }

  #attachConsole(init: Process, { tty }: Console): void {
    this.cgroup.console = tty;
    const file = tty.open();
    for (const fd of [0, 1, 2]) init.fds.set(fd, file);
    const { session } = init.group;
    session.tty = tty;
    tty.session = session;
    tty.foreground = init.group;
  }

  /** A directory of the guest, or its root when it is missing. */
  directory(path: string): ReturnType<typeof locate> {
    try {
      return locate(this.mounts.actor, toBytes(path || "/"));
    } catch (error) {
      if (error instanceof Errno) return this.mounts.table.root;
      throw error;
    }
  }

  exec(spec: GuestExecSpec): Promise<GuestProcess> {
    return execInGuest(this, spec);
  }

  kill(signal: number): void {
    this.init.signal(signal, "host");
  }

  freeze(): void {
    this.cgroup.freeze();
  }

  unfreeze(): void {
    this.cgroup.thaw();
  }

  processes(): { pid: number; argv: string[] }[] {
    return [...this.cgroup.processes].map(({ hostPid, argv }) => ({
      pid: hostPid,
      argv: argv.map((word) => Buffer.from(word, "latin1").toString()),
    }));
  }

  usage(): { memoryBytes: number; memoryPeakBytes: number; cpuNs: number } {
    const { memoryBytes, peakBytes, cpuNs } = this.cgroup;
    return { memoryBytes, memoryPeakBytes: Math.max(peakBytes, memoryBytes), cpuNs };
  }

  setLimits({ memoryBytes, pids }: GuestLimits): void {
    this.cgroup.memoryLimitBytes = memoryBytes;
    this.cgroup.pidsLimit = pids;
    this.cgroup.checkMemory();
  }

  async mount(mount: GuestMount): Promise<void> {
    this.mounts.mount(mount);
  }

  async unmount(target: string): Promise<void> {
    this.mounts.unmount(target);
  }

  plug(nic: GuestInterface): void {
    this.namespaces.net.interfaces.push({ ...interfaceOf(nic), up: false, addresses: [] });
  }

  unplug(name: string): void {
    const { interfaces } = this.namespaces.net;
    const index = interfaces.findIndex((one) => one.name === name);
    if (index > 0) interfaces.splice(index, 1);
  }

  networkState(): GuestInterfaceState[] {
    return this.namespaces.net.interfaces.map((one) => ({
      name: one.name,
      type: one.type,
      up: one.up,
      hwaddr: one.type === "loopback" ? "" : one.hwaddr,
      hostName: one.hostName,
      mtu: one.mtu,
      addresses: one.addresses.map((address) => ({ ...address })),
      bytesReceived: one.bytesReceived,
      bytesSent: one.bytesSent,
      packetsReceived: one.packetsReceived,
      packetsSent: one.packetsSent,
    }));
  }

  connect(port: number, address?: string): Promise<Duplex> {
    return connectGuest(this.namespaces.net, port, address);
  }

  listen(port: number, address: string, onConnection: (connection: Duplex) => void): Promise<Disposable> {
    return listenInGuest(this.namespaces.net, port, address, onConnection);
  }

  /** Everything in its cgroup, at once. */
  destroy(): void {
    this.init.end({ signal: SIGKILL });
    for (const process of this.cgroup.processes) process.end({ signal: SIGKILL });
  }
}
