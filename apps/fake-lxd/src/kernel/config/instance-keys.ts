/** The configuration keys of containers on LXD 5.0.2. */
import {
  anything,
  boolean,
  cpuAllowance,
  cpuLimit,
  environmentValue,
  expiry,
  integer,
  memoryLimit,
  oneOf,
  priority,
  schedule,
  size,
  uint32,
  uuid,
  type Validator,
} from "./validators.ts";

const exact: Readonly<Record<string, Validator>> = {
  "boot.autostart": boolean,
  "boot.autostart.delay": integer,
  "boot.autostart.priority": integer,
  "boot.host_shutdown_timeout": integer,
  "boot.stop.priority": integer,
  "cloud-init.network-config": anything,
  "cloud-init.user-data": anything,
  "cloud-init.vendor-data": anything,
  "cluster.evacuate": oneOf("auto", "migrate", "live-migrate", "stop"),
  "limits.cpu": cpuLimit,
  "limits.cpu.allowance": cpuAllowance,
  "limits.cpu.priority": priority,
  "limits.disk.priority": priority,
  "limits.hugepages.1GB": size,
  "limits.hugepages.1MB": size,
  "limits.hugepages.2MB": size,
  "limits.hugepages.64KB": size,
  "limits.memory": memoryLimit,
  "limits.memory.enforce": oneOf("soft", "hard"),
  "limits.memory.swap": boolean,
  "limits.memory.swap.priority": priority,
  "limits.network.priority": priority,
  "limits.processes": integer,
  "linux.kernel_modules": anything,
  "migration.incremental.memory": boolean,
  "migration.incremental.memory.goal": uint32,
  "migration.incremental.memory.iterations": uint32,
  "nvidia.driver.capabilities": anything,
  "nvidia.require.cuda": anything,
  "nvidia.require.driver": anything,
  "nvidia.runtime": boolean,
  "raw.apparmor": anything,
  "raw.idmap": anything,
  "raw.lxc": anything,
  "raw.seccomp": anything,
  "security.devlxd": boolean,
  "security.devlxd.images": boolean,
  "security.idmap.base": uint32,
  "security.idmap.isolated": boolean,
  "security.idmap.size": uint32,
  "security.nesting": boolean,
  "security.privileged": boolean,
  "security.protection.delete": boolean,
  "security.protection.shift": boolean,
  "security.syscalls.allow": anything,
  "security.syscalls.blacklist": anything,
  "security.syscalls.blacklist_compat": boolean,
  "security.syscalls.blacklist_default": boolean,
  "security.syscalls.deny": anything,
  "security.syscalls.deny_compat": boolean,
  "security.syscalls.deny_default": boolean,
  "security.syscalls.intercept.bpf": boolean,
  "security.syscalls.intercept.bpf.devices": boolean,
  "security.syscalls.intercept.mknod": boolean,
  "security.syscalls.intercept.mount": boolean,
  "security.syscalls.intercept.mount.allowed": anything,
  "security.syscalls.intercept.mount.fuse": anything,
  "security.syscalls.intercept.mount.shift": boolean,
  "security.syscalls.intercept.sched_setscheduler": boolean,
  "security.syscalls.intercept.setxattr": boolean,
  "security.syscalls.whitelist": anything,
  "snapshots.expiry": expiry,
  "snapshots.pattern": anything,
  "snapshots.schedule": schedule,
  "snapshots.schedule.stopped": boolean,
  "volatile.apply_quota": anything,
  "volatile.apply_template": anything,
  "volatile.base_image": anything,
  "volatile.cloud-init.instance-id": uuid,
  "volatile.evacuate.origin": anything,
  "volatile.idmap.base": anything,
  "volatile.idmap.current": anything,
  "volatile.idmap.next": anything,
  "volatile.last_state.idmap": anything,
  "volatile.last_state.power": anything,
  "volatile.uuid": uuid,
};

/** Of virtual machines: profiles may hold them. */
export const machineKeys: Readonly<Record<string, Validator>> = {
  "agent.nic_config": boolean,
  "limits.memory.hugepages": boolean,
  "migration.stateful": boolean,
  "raw.qemu": anything,
  "raw.qemu.conf": anything,
  "security.agent.metrics": boolean,
  "security.secureboot": boolean,
};

const byPrefix: readonly [prefix: string, validator: Validator][] = [
  ["environment.", environmentValue],
  ["user.", anything],
  ["image.", anything],
  ["limits.kernel.", anything],
  ["linux.sysctl.", anything],
];

const validators: ReadonlyMap<string, Validator> = new Map(Object.entries(exact));

/** The last word of `volatile.<device>.<word>`. */
const deviceVolatile =
  /^volatile\..+\.(hwaddr|name|host_name|mtu|created|id|vlan|spoofcheck|last_state\.(?:created|mtu|hwaddr|vlan|spoofcheck|ip_addresses|vf\.\w+|usb\.bus|usb\.device)|apply_quota|ceph_rbd|driver)$/;

/** Undefined: LXD does not know the key. */
export function validatorFor(key: string): Validator | undefined {
  const validator = validators.get(key) ?? byPrefix.find(([prefix]) => key.startsWith(prefix))?.[1];
  if (validator !== undefined) return validator;
  return deviceVolatile.test(key) ? anything : undefined;
}
