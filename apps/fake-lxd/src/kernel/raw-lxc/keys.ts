/** The keys that liblxc 5.0.2 knows, and whether it takes a value. */
import { existsSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import { parseSignal } from "./signals.ts";

/** LXC's own directory of settings for every container; here it is empty, and there without LXC on the machine, too. */
export const LXC_COMMON_CONFIG = "/usr/share/lxc/config/common.conf.d/";

/** True: liblxc loads it. */
export type ValueCheck = (value: string) => boolean;

const any: ValueCheck = () => true;
const flag: ValueCheck = (value) => value === "" || value === "0" || value === "1";
const unsigned: ValueCheck = (value) => value === "" || /^\d+$/.test(value);

export const capabilities = new Set(
  `chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
  net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
  sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override
  mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore`.split(/\s+/),
);

const words = (value: string) => value.split(/\s+/).filter((word) => word !== "");
const capabilityList: ValueCheck = (value) => words(value).every((word) => capabilities.has(word));
const namespaceNames = new Set(["user", "mnt", "pid", "uts", "ipc", "net", "cgroup", "time"]);
const namespaceList: ValueCheck = (value) => words(value).every((word) => namespaceNames.has(word));

const autoMount =
  /^(proc|proc:mixed|proc:rw|sys|sys:ro|sys:mixed|sys:rw|(cgroup|cgroup-full)(:(ro|rw|mixed))?(:force)?|shmounts:.*)$/;
const cgroupDir: ValueCheck = (value) => !value.startsWith("/") && !value.split("/").includes("..");
const logLevels = new Set(
  "trace debug info notice warn error crit alert fatal".split(" ").flatMap((level) => [level, level.toUpperCase()]),
);
const architectures = new Set(
  "arm armel armhf armv7l athlon i386 i486 i586 i686 linux32 mips mipsel ppc powerpc x86 aarch64 amd64 arm64 linux64 loongarch64 mips64 mips64el ppc64 ppc64el ppc64le powerpc64 riscv64 s390x x86_64".split(
    " ",
  ),
);
const hooks = "pre-start pre-mount mount autodev start-host start stop post-stop clone destroy";

function addressOf(isAddress: (value: string) => boolean): ValueCheck {
  return (value) => isAddress(value.split(/[/ ]/, 1)[0] ?? "");
}

function gatewayOf(isAddress: (value: string) => boolean): ValueCheck {
  return (value) => value === "" || value === "auto" || value === "dev" || isAddress(value);
}

const exact: Readonly<Record<string, ValueCheck>> = {
  "lxc.apparmor.allow_incomplete": flag,
  "lxc.apparmor.allow_nesting": flag,
  "lxc.apparmor.profile": any,
  "lxc.apparmor.raw": any,
  "lxc.arch": (value) => architectures.has(value),
  "lxc.autodev": unsigned,
  "lxc.autodev.tmpfs.size": any,
  "lxc.cap.drop": capabilityList,
  "lxc.cap.keep": (value) => value === "none" || capabilityList(value),
  "lxc.cgroup.dir": cgroupDir,
  "lxc.cgroup.relative": flag,
  "lxc.console.buffer.size": (value) => value === "auto" || /^\d+\s*([kmgtKMGT][bB])?$/.test(value) || value === "",
  "lxc.console.logfile": any,
  "lxc.console.path": any,
  "lxc.console.rotate": flag,
  "lxc.console.size": (value) => value === "auto" || /^\d+\s*([kmgtKMGT][bB])?$/.test(value) || value === "",
  "lxc.environment": (value) => value === "" || value.includes("="),
  "lxc.environment.hooks": any,
  "lxc.environment.runtime": any,
  "lxc.execute.cmd": any,
  "lxc.group": any,
  "lxc.hook.version": (value) => flag(value),
  "lxc.idmap": (value) => value === "" || /^[ug]\s+\d+\s+\d+\s+\d+$/.test(value),
  "lxc.include": (value) => value === "" || value === LXC_COMMON_CONFIG || existsSync(value),
  "lxc.init.cmd": any,
  "lxc.init.cwd": any,
  "lxc.init.gid": any,
  "lxc.init.groups": (value) => /^[\d,\s]*$/.test(value),
  "lxc.init.uid": any,
  "lxc.keyring.session": flag,
  "lxc.log.level": (value) => value === "" || /^\d$/.test(value) || logLevels.has(value),
  "lxc.monitor.signal.pdeath": any,
  "lxc.monitor.unshare": flag,
  "lxc.mount.auto": (value) => words(value).every((word) => autoMount.test(word)),
  "lxc.mount.entry": any,
  "lxc.mount.fstab": any,
  "lxc.namespace.clone": namespaceList,
  "lxc.namespace.keep": namespaceList,
  "lxc.no_new_privs": flag,
  "lxc.pty.max": unsigned,
  "lxc.rootfs.managed": flag,
  "lxc.rootfs.mount": any,
  "lxc.rootfs.options": any,
  "lxc.rootfs.path": any,
  "lxc.sched.core": flag,
  "lxc.seccomp.allow_nesting": flag,
  "lxc.seccomp.notify.cookie": any,
  "lxc.seccomp.notify.proxy": (value) => value === "" || value.startsWith("unix:"),
  "lxc.seccomp.profile": any,
  "lxc.selinux.context": any,
  "lxc.selinux.context.keyring": any,
  "lxc.signal.halt": (value) => value === "" || parseSignal(value) !== undefined,
  "lxc.signal.reboot": (value) => value === "" || parseSignal(value) !== undefined,
  "lxc.signal.stop": (value) => value === "" || parseSignal(value) !== undefined,
  "lxc.start.auto": unsigned,
  "lxc.start.delay": unsigned,
  "lxc.start.order": any,
  "lxc.time.offset.boot": (value) => /^-?\d+\s*(h|m|s|ms|us|ns)$/.test(value),
  "lxc.time.offset.monotonic": (value) => /^-?\d+\s*(h|m|s|ms|us|ns)$/.test(value),
  "lxc.tty.dir": any,
  "lxc.tty.max": unsigned,
  "lxc.uts.name": any,
  ...Object.fromEntries(hooks.split(" ").map((name) => [`lxc.hook.${name}`, any])),
};

const checks: ReadonlyMap<string, ValueCheck> = new Map(Object.entries(exact));

const patterns: readonly [pattern: RegExp, check: ValueCheck][] = [
  [/^lxc\.cgroup\.dir\./, cgroupDir],
  [/^lxc\.cgroup2?\.[^.].*$/, any],
  [/^lxc\.prlimit\..+$/, (value) => value === "" || /^(\d+|unlimited)(:(\d+|unlimited))?$/.test(value)],
  [/^lxc\.proc\..+$/, any],
  [/^lxc\.sysctl\..+$/, any],
  [/^lxc\.namespace\.share\.(user|mnt|pid|uts|ipc|net|cgroup|time)$/, any],
  [/^lxc\.net\.\d+\.ipv4\.address$/, addressOf(isIPv4)],
  [/^lxc\.net\.\d+\.ipv6\.address$/, addressOf(isIPv6)],
  [/^lxc\.net\.\d+\.ipv4\.gateway$/, gatewayOf(isIPv4)],
  [/^lxc\.net\.\d+\.ipv6\.gateway$/, gatewayOf(isIPv6)],
  [/^lxc\.net\.\d+\.(type|name|flags|link|hwaddr|mtu)$/, any],
  [/^lxc\.log\.file$/, any],
];

/** Whether liblxc loads the line. Keys that do not begin with `lxc.` are none of its business. */
export function loads(key: string, value: string): boolean {
  if (!key.startsWith("lxc.")) return true;
  const check = checks.get(key);
  if (check !== undefined) return check(value);
  return patterns.find(([pattern]) => pattern.test(key))?.[1](value) ?? false;
}
