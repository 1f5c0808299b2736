/** Linux capabilities as bit sets. */

const names = [
  "chown",
  "dac_override",
  "dac_read_search",
  "fowner",
  "fsetid",
  "kill",
  "setgid",
  "setuid",
  "setpcap",
  "linux_immutable",
  "net_bind_service",
  "net_broadcast",
  "net_admin",
  "net_raw",
  "ipc_lock",
  "ipc_owner",
  "sys_module",
  "sys_rawio",
  "sys_chroot",
  "sys_ptrace",
  "sys_pacct",
  "sys_admin",
  "sys_boot",
  "sys_nice",
  "sys_resource",
  "sys_time",
  "sys_tty_config",
  "mknod",
  "lease",
  "audit_write",
  "audit_control",
  "setfcap",
  "mac_override",
  "mac_admin",
  "syslog",
  "wake_alarm",
  "block_suspend",
  "audit_read",
  "perfmon",
  "bpf",
  "checkpoint_restore",
];

export interface Capabilities {
  effective: bigint;
  permitted: bigint;
  inheritable: bigint;
  bounding: bigint;
  ambient: bigint;
}

export const allCapabilities = (1n << BigInt(names.length)) - 1n;

/** Lower case without `CAP_`; unknown names are no capability. */
export function capabilityBit(name: string): bigint {
  const index = names.indexOf(name.toLowerCase().replace(/^cap_/, ""));
  return index < 0 ? 0n : 1n << BigInt(index);
}

export function capabilitySet(list: Iterable<string>): bigint {
  let set = 0n;
  for (const name of list) set |= capabilityBit(name);
  return set;
}

/** What a process of this uid starts with below a bounding set. */
export function capabilitiesFor(uid: number, bounding: bigint): Capabilities {
  const held = uid === 0 ? bounding : 0n;
  return { effective: held, permitted: held, inheritable: 0n, bounding, ambient: 0n };
}

/** After an execve without file capabilities. */
export function capabilitiesAfterExec(before: Capabilities, euid: number): Capabilities {
  const held = euid === 0 ? before.bounding : before.ambient;
  return { ...before, permitted: held, effective: held };
}

export function has(capabilities: Capabilities, name: string): boolean {
  return (capabilities.effective & capabilityBit(name)) !== 0n;
}
