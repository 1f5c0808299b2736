/** Mounting into a guest: its own file systems at the start, then what the spec lists, in order. */
import fs from "node:fs";
import { toBytes } from "../core/bytes.ts";
import { Errno, errnoOfHost } from "../core/errno.ts";
import type { Machine } from "../core/machine.ts";
import type { Host } from "../../platform/types.ts";
import type { Namespaces } from "../core/namespaces.ts";
import { mkdir, openNow, rmdir, stat, unlink } from "../sys/files.ts";
import type { Actor } from "../sys/files.ts";
import { O_CREAT, O_WRONLY } from "../core/open-file.ts";
import { GuestStartError, type GuestMount } from "../types.ts";
import { rootCredentials } from "../vfs/credentials.ts";
import { createDevFs } from "../vfs/dev-fs.ts";
import { HostFs } from "../vfs/host-fs.ts";
import { idmapped, shifted } from "../vfs/ids.ts";
import { MemFs } from "../vfs/mem-fs.ts";
import { MountTable } from "../vfs/mount.ts";
import { ProcFs } from "../vfs/proc-fs.ts";
import { SysFs } from "../vfs/sys-fs.ts";
import { type FileSystem, type NodeId, typeOf } from "../vfs/types.ts";
import { attemptWalk, locate, walk } from "../vfs/walk.ts";
import { parseSize } from "../applets/lib/options.ts";

export class GuestMounts {
  readonly table: MountTable;
  readonly actor: Actor;
  readonly #machine: Machine;
  readonly #namespaces: Namespaces;

  constructor(machine: Machine, namespaces: Namespaces, root: MemFs, readonly: boolean) {
    this.#machine = machine;
    this.#namespaces = namespaces;
    this.table = new MountTable(root, root.root, readonly, "rootfs");
    this.actor = {
      mounts: this.table,
      cwd: this.table.root,
      credentials: rootCredentials,
      asker: undefined,
      umask: 0,
      alive: () => {},
    };
  }

  /** /proc, /sys, /dev and /dev/shm. */
  mountOwn(): void {
    const { now } = this.#machine;
    this.#own("/proc", "proc", new ProcFs(this.#machine, this.#namespaces.pid), "");
    this.#own("/sys", "sysfs", new SysFs(this.#machine, this.#namespaces.net), "");
    const dev = createDevFs(now);
    this.#own("/dev", "none", dev, dev.root);
    const { shm } = this.#namespaces.ipc;
    this.#own("/dev/shm", "tmpfs", shm, shm.root);
  }

  #own(path: string, source: string, fileSystem: FileSystem, root: NodeId): void {
    this.#makePoint(path, "dir");
    this.table.add(locate(this.actor, path), {
      fs: fileSystem,
      root,
      source,
      readonly: false,
      options: ["nosuid", "nodev", "noexec", "relatime"].slice(0, path === "/dev" ? 1 : 4),
    });
  }

  /** Throws a `GuestStartError` with what LXC would log. */
  mount(mount: GuestMount): void {
    try {
      this.#mount(mount);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (mount.optional && error.code === "ENOENT") return;
      throw startError(mount, error);
    }
  }

  #mount(mount: GuestMount): void {
    const what = this.#source(mount);
    const target = toBytes(mount.target);
    if (mount.create) this.#makePoint(target, mount.create);
    const place = locate(this.actor, target);
    const readonly = mount.readonly || mount.options.includes("ro");
    const added = { ...what, source: toBytes(mount.source || what.fs.type), options: mount.options };
    this.table.add(place, { ...added, readonly });
    // only what is mounted itself is read-only
    for (const { root, below } of mount.recursive ? this.#submounts(what) : []) {
      this.table.add(locate(this.actor, `${place.path}${below}`), { ...added, root, readonly: false });
    }
  }

  #source(mount: GuestMount): { fs: FileSystem; root: NodeId } {
    switch (mount.type) {
      case "bind":
        return this.#bind(mount);
      case "guest-proc":
        return { fs: new ProcFs(this.#machine, this.#namespaces.pid), root: "" };
      case "guest-sys":
        return { fs: new SysFs(this.#machine, this.#namespaces.net), root: "" };
      default: {
        const tmpfs = this.#tmpfs(mount);
        return { fs: tmpfs, root: tmpfs.root };
      }
    }
  }

  /** What the host has mounted below a bind mount's source. */
  #submounts({ fs: fileSystem, root }: { fs: FileSystem; root: NodeId }): { root: NodeId; below: string }[] {
    if (!(fileSystem instanceof HostFs)) return [];
    const prefix = `${String(root)}/`.replace(/\/+$/u, "/");
    const below = hostMountPoints().filter((point) => point.startsWith(prefix));
    return below.map((point) => ({ root: point, below: point.slice(prefix.length - 1) }));
  }

  #bind({ source, idmapped: isIdmapped, options }: GuestMount): { fs: FileSystem; root: NodeId } {
    if (options.includes("relative")) {
      const { mount, node } = locate(this.actor, `/${toBytes(source)}`);
      return { fs: mount.fs, root: node };
    }
    const { base, size } = this.#namespaces.user;
    const ids = isIdmapped || this.#namespaces.user.isHost ? idmapped(this.#machine.ownUid) : shifted(base, size);
    const { host } = this.#machine;
    const resolved = resolveHost(host, toBytes(source));
    return { fs: new HostFs(host, resolved, ids), root: resolved };
  }

  #tmpfs({ options, type }: GuestMount): MemFs {
    const value = (name: string) => options.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
    const size = value("size");
    const mode = value("mode");
    return new MemFs({
      now: this.#machine.now,
      type: type === "mqueue" ? "mqueue" : "tmpfs",
      rootMode: mode === undefined ? 0o1777 : Number.parseInt(mode, 8),
      ...(size === undefined || size.endsWith("%") ? {} : { limitBytes: parseSize(size) }),
    });
  }

  /**
   * EINVAL when nothing is mounted there, EBUSY when something is mounted below. LXD takes the mount point away, too, unless
   * it is a directory with something in it.
   */
  unmount(target: string): void {
    const place = locate(this.actor, toBytes(target));
    if (place.node !== place.mount.root || !place.mount.at) throw new Errno("EINVAL");
    if (this.table.busy(place.mount)) throw new Errno("EBUSY");
    this.table.remove(place.mount);
    this.#removePoint(target);
  }

  #removePoint(target: string): void {
    try {
      if (typeOf(stat(this.actor, target).mode) === "directory") rmdir(this.actor, target);
      else unlink(this.actor, target);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  }

  #makePoint(path: string, kind: "dir" | "file"): void {
    const there = attemptWalk(this.actor, path);
    if (typeof there !== "string" && there.found) return;
    const parts = path.split("/").filter((part) => part !== "");
    for (let index = 1; index <= parts.length; index++) {
      const prefix = `/${parts.slice(0, index).join("/")}`;
      const { found } = walk(this.actor, prefix);
      if (found) continue;
      if (index < parts.length || kind === "dir") mkdir(this.actor, prefix, 0o755);
      else
        openNow(this.actor, prefix, O_CREAT | O_WRONLY, 0o644)
          .acquire()
          .release();
    }
  }
}

/** Parents before what lies in them; elsewhere than on Linux nothing tells. */
function hostMountPoints(): string[] {
  if (!fs.existsSync("/proc/self/mounts")) return [];
  const lines = fs.readFileSync("/proc/self/mounts", "latin1").split("\n");
  const points = lines.flatMap((line) => line.split(" ")[1] ?? []);
  return points.map((point) =>
    point.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))),
  );
}

/** The source of a bind mount is followed on the host, as mount(2) does. */
function resolveHost(host: Host, path: string): string {
  try {
    return host.realpath(path);
  } catch (error) {
    throw errnoOfHost(error);
  }
}

function startError({ source, target, create, type }: GuestMount, error: Errno): GuestStartError {
  const what = type === "bind" ? source : type;
  const reason =
    error.code === "EROFS" && create
      ? `Failed to create mount target "${target}"`
      : `Failed to mount "${what}" on "${target}"`;
  return new GuestStartError(`${error.text} - ${reason}`, [
    { source: "utils", message: `${error.text} - ${reason}` },
    { source: "conf", message: "Failed to setup mount entries" },
    { source: "conf", message: "Failed to setup mounts" },
    { source: "start", message: "Failed to setup container" },
  ]);
}
