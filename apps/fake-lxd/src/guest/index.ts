/**
 * The guest kernel: processes, files and sockets of all instances of a fake LXD, in this Node process.
 *
 * Layers, each of which knows only those before it: `core/` (processes, signals, descriptors, terminals), `vfs/` and `net/` (files and sockets),
 * `sys/` (system calls), `shell/` and `applets/` (programs), `init/` and `exec/` (what execve starts), `instance/` (a guest as the daemon sees it).
 */
import type { Duplex } from "node:stream";
import { findApplet } from "./applets/registry.ts";
import { Machine } from "./core/machine.ts";
import { createLoader } from "./exec/load.ts";
import { buildTree, MemTree } from "./image/tree.ts";
import { RunningGuest } from "./instance/guest.ts";
import { GuestMounts } from "./instance/mounts.ts";
import { createHostNamespaces, type HostNamespaces, joinNamespaces } from "./instance/namespaces.ts";
import { Fabric } from "./net/fabric.ts";
import { connectGuest } from "./net/outside.ts";
import {
  type FileTree,
  type Guest,
  type GuestKernel,
  type GuestKernelOptions,
  type GuestSpec,
  GuestStartError,
  type RootfsEntry,
} from "./types.ts";

export { busyboxEntries, createBusyboxTree } from "./image/busybox-tree.ts";
export * from "./types.ts";

export function createGuestKernel(options: GuestKernelOptions): GuestKernel {
  return new Kernel(options);
}

class Kernel implements GuestKernel {
  readonly #machine: Machine;
  readonly #fabric = new Fabric();
  readonly #host: HostNamespaces;
  readonly #guests = new Set<RunningGuest>();

  constructor(options: GuestKernelOptions) {
    this.#machine = new Machine({ ...options, loadProgram: createLoader(findApplet) });
    this.#host = createHostNamespaces(this.#machine, this.#fabric);
  }

  createRootfs(entries: Iterable<RootfsEntry>): FileTree {
    return buildTree(entries, this.#machine.now);
  }

  async start(spec: GuestSpec): Promise<Guest> {
    const { rootfs } = spec;
    if (!(rootfs instanceof MemTree)) throw new GuestStartError("the root file system is of another kernel", []);
    const namespaces = joinNamespaces(
      spec,
      this.#machine,
      this.#fabric,
      this.#host,
      (guest) => this.#find(guest).namespaces,
    );
    const guest = this.#create(spec, rootfs, namespaces);
    this.#guests.add(guest);
    void guest.exited.then(() => this.#ended(guest));
    guest.startInit();
    return guest;
  }

  connect(address: string, port: number): Promise<Duplex> {
    return connectGuest(this.#host.net, port, address);
  }

  async close(): Promise<void> {
    for (const guest of this.#guests) guest.destroy();
    this.#guests.clear();
  }

  #create(spec: GuestSpec, rootfs: MemTree, namespaces: RunningGuest["namespaces"]): RunningGuest {
    // Mount points are made while the root is still writable.
    const mounts = new GuestMounts(this.#machine, namespaces, rootfs.fs, spec.rootfsReadonly);
    mounts.mountOwn();
    for (const mount of spec.mounts) mounts.mount(mount);
    return new RunningGuest(this.#machine, spec, namespaces, mounts);
  }

  #find(guest: Guest): RunningGuest {
    if (!(guest instanceof RunningGuest)) throw new GuestStartError("the namespace is of another kernel", []);
    return guest;
  }

  /** A network that no process is in any more has no listeners and no address. */
  #ended(guest: RunningGuest): void {
    this.#guests.delete(guest);
    const { net } = guest.namespaces;
    if (![...this.#guests].some((other) => other.namespaces.net === net)) this.#fabric.remove(net);
  }
}
