/** What lxe asks of the host's kernel besides files and mounts, as an interface: a simulation has no kernel. */
import { killCgroup, openCgroup } from "./cgroups.ts";
import { wasOomKilled } from "./oom.ts";

export interface HostKernel {
  /** Sees to it that a cgroup can be made below its parents (path as LXC takes it). */
  openCgroup(path: string): Promise<void>;
  /** Kills all that is left in a cgroup (path as LXC takes it). A missing cgroup is an empty one. */
  killCgroup(path: string): Promise<void>;
  /** Whether it killed a container of that cgroup for memory. */
  wasOomKilled(cgroup: string): Promise<boolean>;
}

/** `kernelLog`: `/dev/kmsg`, or a file like it. */
export function createSystemHostKernel(kernelLog: string): HostKernel {
  return {
    openCgroup: (path) => openCgroup(path),
    killCgroup,
    wasOomKilled: (cgroup) => wasOomKilled(kernelLog, cgroup),
  };
}
