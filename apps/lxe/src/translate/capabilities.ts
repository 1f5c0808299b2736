/** Capabilities by name and number, and what a CRI config makes of them. Pure. */

import { type Capability, InvalidArgumentError } from "@lxe/cri";
import type { ContainerUserIds } from "../model/records.ts";

/** In the kernel's order: the index is the number. */
const NAMES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
] as const;

/** What every runtime gives an app by default. */
const DEFAULT = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FSETID",
  "FOWNER",
  "MKNOD",
  "NET_RAW",
  "SETGID",
  "SETUID",
  "SETFCAP",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "SYS_CHROOT",
  "KILL",
  "AUDIT_WRITE",
];

/** What an init program needs before it has become the app; it drops them itself where the app shall not have them. */
const NEEDED_BY_INIT = ["DAC_OVERRIDE", "SETGID", "SETUID", "SETPCAP", "SYS_ADMIN"];

/** What an exec'd command needs to join more groups than its own, before it drops them. */
const NEEDED_FOR_GROUPS = ["SETGID", "SETUID", "SETPCAP"];

/**
 * LXC gives an exec'd command at most the bounding set of the container's first process, so one with supplementary groups must
 * leave there what setting them takes. No process has these capabilities by that, and with no_new_privs none can get them.
 */
export function boundingForGroups({ uid, gid, groups }: ContainerUserIds): Set<number> {
  // root would have them: a command exec'd as a root without SETGID goes without supplementary groups instead
  if (uid === 0) return new Set();
  return new Set(groups.some((group) => group !== gid) ? NEEDED_FOR_GROUPS.map(numberOf) : []);
}

/** The numbers that an app keeps: ALL first, then single names; dropping wins each time. */
export function keptCapabilities(capability: Capability | undefined): number[] {
  const added = (capability?.addCapabilities ?? []).map(normalise);
  const dropped = (capability?.dropCapabilities ?? []).map(normalise);
  if ((capability?.addAmbientCapabilities ?? []).length > 0) {
    throw new InvalidArgumentError("linux.security_context.capabilities.add_ambient_capabilities is not supported");
  }
  const start = dropped.includes("ALL") ? [] : added.includes("ALL") ? NAMES : DEFAULT;
  const kept = new Set([...numbersOf(start), ...numbersOf(added)]);
  for (const number of numbersOf(dropped)) kept.delete(number);
  return [...kept].toSorted((a, b) => a - b);
}

export function allCapabilities(): number[] {
  return NAMES.map((_, number) => number);
}

/** The value of lxc.cap.keep: what the app keeps and what its init program needs. */
export function lxcKeep(kept: readonly number[]): string {
  const numbers = new Set([...kept, ...NEEDED_BY_INIT.map(numberOf)]);
  return [...numbers]
    .toSorted((a, b) => a - b)
    .map((number) => NAMES[number]?.toLowerCase())
    .join(" ");
}

function normalise(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}

function numbersOf(names: readonly string[]): number[] {
  return names.filter((name) => name !== "ALL").map(numberOf);
}

function numberOf(name: string): number {
  const number = (NAMES as readonly string[]).indexOf(name);
  if (number < 0)
    throw new InvalidArgumentError(
      `linux.security_context.capabilities: no capability is called ${JSON.stringify(name)}`,
    );
  return number;
}
