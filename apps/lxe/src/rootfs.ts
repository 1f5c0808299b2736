/**
 * Root file systems of containers that share a user namespace. Where LXD shifts them by chown there is nothing to do. Where
 * it has LXC idmap them, LXC skips that for a namespace that is shared, so lxe's hook mounts them with the right ids first.
 * Facts: docs/decisions/0003-idmapped-root-file-systems.md.
 */

import { join } from "node:path";
import { flavorOf, type LxdClient } from "@lxe/lxd-client";
import { FailedPreconditionError } from "@lxe/cri";
import type { SandboxRecord } from "./model/records.ts";
import type { HostFiles } from "./platform/host-files.ts";
import type { StatePaths } from "./store/paths.ts";
import type { RawLine } from "./translate/raw-lxc.ts";

/** Runs as root on the host before the container is made: `$1` its user namespace, `$2` its root file system, `$3` where to mount it. */
const MOUNT_HOOK = `#!/bin/sh
set -e
mkdir -p "$3"
umount --lazy "$3" 2>/dev/null || true
exec mount --bind -o "X-mount.idmap=$1" "$2" "$3"
`;

/** A mount that stayed would keep the storage pool busy. */
const UNMOUNT_HOOK = `#!/bin/sh
umount --lazy "$1" 2>/dev/null || true
rmdir "$1" 2>/dev/null || true
`;

export interface RootfsOptions {
  readonly lxd: LxdClient;
  readonly files: HostFiles;
  readonly paths: StatePaths;
}

/** Undefined: LXD does all that is needed. Else the path that the pause instance's own root file system has on the host. */
type IdmappedRoot = { readonly path: string } | undefined;

export class RootFileSystems {
  readonly #options: RootfsOptions;
  readonly #roots = new Map<string, Promise<IdmappedRoot>>();
  readonly #servesLxcConfig = new Map<"", Promise<boolean>>();
  readonly #pids = new Map<string, Promise<number>>();

  constructor(options: RootfsOptions) {
    this.#options = options;
  }

  /** Lines of raw.lxc for a container of the sandbox. */
  async linesFor(sandbox: SandboxRecord, instance: string): Promise<RawLine[]> {
    if (sandbox.userns.kind === "host") return [];
    const root = await once(this.#roots, sandbox.id, () => this.#idmappedRoot(sandbox));
    if (!root) return [];
    const pid = await once(this.#pids, sandbox.id, () => this.#pauseProcess(sandbox));
    const { mount, unmount } = await this.#hooks();
    const target = this.#options.paths.container(instance).rootfs;
    const source = root.path.replace(sandbox.instance, instance);
    return [
      ["lxc.hook.pre-start", `${mount} /proc/${pid}/ns/user ${source} ${target}`],
      ["lxc.hook.post-stop", `${unmount} ${target}`],
      ["lxc.rootfs.options", ""],
      ["lxc.rootfs.path", `dir:${target}`],
    ];
  }

  /** The sandbox is gone. */
  forget(sandboxId: string): void {
    this.#roots.delete(sandboxId);
    this.#pids.delete(sandboxId);
  }

  /** How LXD started the pause instance tells how it would start the others. */
  async #idmappedRoot(sandbox: SandboxRecord): Promise<IdmappedRoot> {
    const { lxd } = this.#options;
    const served = await once(this.#servesLxcConfig, "", async () => flavorOf(await lxd.server.get()).servesLxcConfig);
    return served ? this.#fromConfig(sandbox.instance) : this.#fromHost(sandbox);
  }

  async #fromConfig(instance: string): Promise<IdmappedRoot> {
    const text = (await this.#options.lxd.instances.logs.get(instance, "lxc.conf")).toString();
    if (!/^lxc\.rootfs\.options\s*=.*\bidmap=container\b/m.test(text)) return undefined;
    const path = /^lxc\.rootfs\.path\s*=\s*(?:\w+:)?(\/.*)$/m.exec(text)?.[1]?.trim();
    if (!path) throw new FailedPreconditionError(`LXC's configuration of ${instance} names no root file system`);
    return { path };
  }

  /** Incus keeps LXC's configuration to itself; which ids the files on disk have, it tells. */
  async #fromHost(sandbox: SandboxRecord): Promise<IdmappedRoot> {
    const { lxd, files } = this.#options;
    const { value } = await lxd.instances.get(sandbox.instance);
    if (value.config["volatile.last_state.idmap"] !== "[]") return undefined;
    const pid = await once(this.#pids, sandbox.id, () => this.#pauseProcess(sandbox));
    const parent = /^PPid:\s*(\d+)$/m.exec((await files.readFile(`/proc/${pid}/status`))?.toString() ?? "")?.[1];
    const title = (await files.readFile(`/proc/${parent}/cmdline`))?.toString().replaceAll("\0", " ").trim() ?? "";
    const [, directory, name] = /^\[lxc monitor\] (\/.*) (\S+)$/.exec(title) ?? [];
    if (!directory || !name) throw new FailedPreconditionError(`no LXC monitor is the parent of ${sandbox.instance}`);
    return { path: join(directory, name, "rootfs") };
  }

  async #pauseProcess({ instance }: SandboxRecord): Promise<number> {
    return (await this.#options.lxd.instances.state(instance)).pid;
  }

  async #hooks(): Promise<{ mount: string; unmount: string }> {
    const { files, paths } = this.#options;
    const [mount, unmount] = [join(paths.hooks, "mount-rootfs"), join(paths.hooks, "unmount-rootfs")];
    await files.makeDirectory(paths.hooks, 0o755);
    for (const [path, content] of [
      [mount, MOUNT_HOOK],
      [unmount, UNMOUNT_HOOK],
    ] as const) {
      if ((await files.readFile(path))?.toString() !== content) await files.writeFile(path, content, { mode: 0o755 });
    }
    return { mount, unmount };
  }
}

/** Remembered unless it fails. */
async function once<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? find();
  known.set(key, found);
  try {
    return await found;
  } catch (error) {
    known.delete(key);
    throw error;
  }
}
