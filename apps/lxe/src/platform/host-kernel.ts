/** What lxe asks of the host's kernel besides files and mounts, as an interface: a simulation has no kernel. */
import { type CgroupSetting, killCgroup, memoryHeld, openCgroup, setCgroup, setOomScore } from "./cgroups.ts";
import { wasOomKilled } from "./oom.ts";

export interface HostKernel {
  /** Sees to it that a cgroup can be made below its parents (path as LXC takes it). */
  openCgroup(path: string): Promise<void>;
  /** In this order; all, or none. A missing cgroup needs nothing. @throws an error that names what the kernel refused. */
  setCgroup(path: string, settings: readonly CgroupSetting[]): Promise<void>;
  /** Memory in it that the kernel cannot take back by dropping caches; undefined where there is no such cgroup. */
  memoryHeld(path: string): Promise<bigint | undefined>;
  /** Of all processes in it. */
  setOomScore(path: string, score: number): Promise<void>;
  /** Kills all that is left in a cgroup (path as LXC takes it). A missing cgroup is an empty one. */
  killCgroup(path: string): Promise<void>;
  /** Whether it killed a container of that cgroup for memory. */
  wasOomKilled(cgroup: string): Promise<boolean>;
}

/** `kernelLog`: `/dev/kmsg`, or a file like it. */
export function createSystemHostKernel(kernelLog: string): HostKernel {
  return {
    openCgroup: (path) => openCgroup(path),
    setCgroup: (path, settings) => setCgroup(path, settings),
    memoryHeld: (path) => memoryHeld(path),
    setOomScore: (path, score) => setOomScore(path, score),
    killCgroup,
    wasOomKilled: (cgroup) => wasOomKilled(kernelLog, cgroup),
  };
}
