/** Limits of the simulated node's cgroups, as lxe has written them: what the kernel would have. Cgroup v1, as the disk has no file of v2. */
import type { Platform } from "lxe";
import { diskError } from "./disk.ts";
import type { Life } from "./life.ts";

export class Cgroups {
  readonly #files = new Map<string, Map<string, string>>();
  /** The kernel takes nothing. */
  refusing = false;

  /** Of an instance; undefined where nothing was ever written. */
  read(instance: string, file: string): string | undefined {
    return this.#files.get(`lxc.payload.${instance}`)?.get(file);
  }

  write(path: string, settings: readonly { readonly file: string; readonly value: string }[]): void {
    if (this.refusing) throw diskError("EINVAL", path);
    const files = this.#files.get(path) ?? new Map<string, string>();
    for (const { file, value } of settings) files.set(file, value);
    this.#files.set(path, files);
  }
}

/** fake-lxd's guests end with their first process. */
export function hostKernelOn(life: Life, cgroups: Cgroups): Platform["kernel"] {
  return {
    openCgroup: async () => undefined,
    setCgroup: (path, settings) => life.pass(`limit ${path}`, () => cgroups.write(path, settings)),
    memoryHeld: async () => undefined,
    setOomScore: async () => undefined,
    killCgroup: async () => undefined,
    wasOomKilled: async () => false,
  };
}
