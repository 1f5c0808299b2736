/** What steps are generated from: names, config values and devices, right and wrong ones. */
import fc from "fast-check";
import type { Json, JsonObject } from "./json.ts";

const weighted = <T>(...choices: readonly (readonly [weight: number, value: T])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

/** Most steps are about `a`: so they meet. */
export const instanceName = weighted([12, "a"], [4, "b"], [1, "missing"]);
export const newInstanceName = weighted([10, "a"], [6, "b"], [1, "-bad"], [1, "a_b"], [1, "7up"], [1, "a".repeat(64)]);
export const profileName = weighted([6, "p"], [4, "q"], [2, "default"], [1, "missing"]);
export const newProfileName = weighted([8, "p"], [5, "q"], [1, "default"], [1, ""], [1, "a/b"], [1, "sp ace"]);
export const aliasName = weighted([4, "x"], [2, "x/y"], [2, "busybox"], [1, "missing"]);
export const imageId = weighted([5, "{other}"], [3, "{image}"], [1, "zzz"], [1, "0000000000000000"]);

/** What a running instance is: PID 1 sleeps and is killed at a halt. LXD's stop hook stays: without it nics leave their host side behind. */
export const SLEEPER = "lxc.init.cmd = /bin/sleep 1000\nlxc.signal.halt = SIGKILL";
/** It does not end when it is asked to. */
const STUBBORN = "lxc.init.cmd = /bin/sleep 1000";
/** It does not start; with LXD's stop hook that would take five seconds. */
const NO_PROGRAM = "lxc.init.cmd = /bin/nothing\nlxc.hook.stop =";

export const rawLxc = weighted(
  [12, SLEEPER],
  [2, STUBBORN],
  [1, NO_PROGRAM],
  [1, `${SLEEPER}\nlxc.uts.name = other`],
  [1, `${SLEEPER}\nlxc.environment = A=b`],
  [1, `${SLEEPER}\nlxc.prlimit.nofile = 1024`],
  [1, `${SLEEPER}\nlxc.bogus = 1`],
  [1, "no equals sign"],
);

const VALUES: Readonly<Record<string, readonly string[]>> = {
  "boot.autostart": ["true", "false", "maybe", ""],
  "boot.autostart.delay": ["5", "-1", "x"],
  "boot.autostart.priority": ["1", "x"],
  "boot.host_shutdown_timeout": ["3", "no"],
  "boot.stop.priority": ["2", "1.5"],
  "cluster.evacuate": ["auto", "never"],
  "environment.FOO": ["bar", "", "two words", "a=b"],
  "limits.cpu": ["1", "0", "0-1", "1-0", "x", "", "99"],
  "limits.cpu.allowance": ["50%", "25ms/100ms", "half", "200%", "0%"],
  "limits.cpu.priority": ["5", "11", "-1"],
  "limits.disk.priority": ["20"],
  "limits.kernel.nofile": ["1024", "unlimited"],
  "limits.memory": ["64MiB", "10%", "much", "-1", "1GB", "64", "100%"],
  "limits.memory.enforce": ["soft", "hard", "x"],
  "limits.memory.swap": ["true", "false", "x"],
  "limits.memory.swap.priority": ["1", "12"],
  "limits.network.priority": ["1", "x"],
  "limits.processes": ["100", "few"],
  "linux.kernel_modules": [""],
  "linux.sysctl.net.ipv4.ip_forward": ["1"],
  "migration.stateful": ["false", "no way"],
  // no right one: fake-lxd does not carve maps up
  "raw.idmap": ["", "nonsense", "uid x 0", "gid 0 5-6"],
  "raw.seccomp": [""],
  "security.devlxd": ["x"],
  "security.idmap.isolated": ["false", "x"],
  "security.idmap.size": ["65536", "x"],
  "security.nesting": ["true", "false", "1", "x"],
  "security.privileged": ["false", "x"],
  "security.protection.delete": ["true", "false"],
  "security.protection.shift": ["true", "x"],
  "security.syscalls.deny_default": ["true", "false", "x"],
  "security.syscalls.intercept.mknod": ["x", "false"],
  "snapshots.expiry": ["1d", "soon"],
  "snapshots.pattern": ["snap%d"],
  "snapshots.schedule": ["@daily", "x y z", ""],
  "snapshots.schedule.stopped": ["true", "x"],
  "user.x": ["1", "", "<&>\u2028 ä", "a\nb"],
  "user.": ["1"],
  "volatile.foo": ["1"],
  "volatile.eth0.hwaddr": ["00:16:3e:11:22:33"],
  "volatile.idmap.base": ["5"],
  "volatile.last_state.power": ["RUNNING"],
  "volatile.uuid": ["x"],
  "image.os": ["mine"],
  "image.": ["a"],
  bogus: ["1", ""],
  "security.bogus": ["true"],
  "limits.memory.hugepages": ["true"],
  "cloud-init.user-data": ["#cloud-config"],
  "user.meta-data": ["x: y"],
  "nvidia.runtime": ["x"],
};

/** Certainly right ones. */
const GOOD: readonly (readonly [string, string])[] = [
  ["user.x", "2"],
  ["user.y", "y"],
  ["limits.processes", "50"],
  ["boot.autostart", "false"],
  ["environment.FOO", "good"],
  ["raw.lxc", SLEEPER],
];

/** Null takes an entry away: what LXD itself needs stays. */
export function isGoodEntry(key: string, value: Json): boolean {
  return (
    (value === null && !key.startsWith("volatile.")) || GOOD.some(([good, text]) => good === key && text === value)
  );
}

const anyEntry: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...Object.keys(VALUES))
      .chain((key) => fc.constantFrom(...(VALUES[key] ?? [])).map((value): readonly [string, string] => [key, value])),
  },
  { weight: 1, arbitrary: rawLxc.map((value): readonly [string, string] => ["raw.lxc", value]) },
);

/** One wrong entry at most: which of several LXD complains of is chance, because Go's maps have no order. */
export const config: fc.Arbitrary<Record<string, string>> = fc
  .tuple(fc.subarray([...GOOD], { maxLength: 2 }), fc.option(anyEntry, { freq: 3, nil: undefined }))
  .map(([good, any]) => Object.fromEntries(any === undefined ? good : [...good, any]));

/** Of an instance that can mostly be started. */
export const newConfig: fc.Arbitrary<Record<string, string>> = config.map((entries) => ({
  "raw.lxc": SLEEPER,
  ...entries,
}));

type Device = Record<string, string>;

const NIC: Device = { type: "nic", network: "{net}" };
const DISK: Device = { type: "disk", source: "{dir}/sub", path: "/mnt" };
const PROXY: Device = { type: "proxy", listen: "tcp:127.0.0.1:{port}", connect: "tcp:127.0.0.1:80" };

const DEVICES: readonly (readonly [weight: number, name: string, device: Device])[] = [
  [2, "eth0", { type: "none" }],
  [4, "eth0", NIC],
  [3, "eth0", { type: "nic", network: "{net}", name: "eth0", "ipv4.address": "{subnet}.20" }],
  [1, "eth1", { type: "nic", network: "{net}", "ipv4.address": "{subnet}.20" }],
  [2, "eth0", { type: "nic", nictype: "bridged", parent: "{net}", name: "eth0" }],
  [1, "eth0", { type: "nic", network: "{net}", hwaddr: "00:16:3e:aa:bb:01" }],
  [1, "eth1", { type: "nic", network: "{net}", hwaddr: "00:16:3e:aa:bb:01", name: "eth1" }],
  [1, "eth0", { type: "nic", network: "{net}", hwaddr: "xyz" }],
  [1, "eth0", { type: "nic", network: "missing" }],
  [1, "eth0", { type: "nic", network: "{net}", "ipv4.address": "10.1.2.3" }],
  [1, "eth0", { type: "nic", network: "{net}", "ipv4.address": "here" }],
  [1, "eth0", { type: "nic", nictype: "bogus", parent: "{net}" }],
  [1, "eth0", { type: "nic", nictype: "bridged", network: "{net}" }],
  [1, "eth0", { type: "nic", nictype: "bridged" }],
  [1, "eth0", { type: "nic", nictype: "bridged", parent: "nobridge0" }],
  [1, "eth0", { type: "nic", network: "{net}", bogus: "1" }],
  [1, "eth0", { type: "nic" }],
  [3, "d", DISK],
  [2, "d", { type: "disk", source: "{dir}/file", path: "/etc/file", readonly: "true" }],
  [1, "d", { type: "disk", source: "{dir}/nothing", path: "/mnt" }],
  [1, "d", { type: "disk", source: "{dir}/nothing", path: "/mnt", required: "false" }],
  [1, "d", { type: "disk", source: "{dir}/sub" }],
  [1, "d", { type: "disk", path: "/mnt" }],
  [1, "d", { type: "disk", source: "relative", path: "/mnt" }],
  [1, "d", { type: "disk", source: "{dir}/sub", path: "mnt" }],
  [1, "d", { type: "disk", source: "{dir}/sub", path: "/mnt", readonly: "perhaps" }],
  [1, "d", { type: "disk", pool: "default", source: "vol", path: "/mnt" }],
  [1, "d", { type: "disk", pool: "missing", source: "vol", path: "/mnt" }],
  [1, "e", { type: "disk", source: "{dir}/sub", path: "/mnt" }],
  [1, "root", { type: "disk", path: "/", pool: "default" }],
  [1, "root", { type: "disk", path: "/", pool: "missing" }],
  [1, "root", { type: "disk", path: "/" }],
  [1, "root", { type: "disk", path: "/", pool: "default", source: "x" }],
  [1, "root", { type: "disk", path: "/", pool: "default", size: "1GiB" }],
  [1, "root", { type: "none" }],
  [2, "proxy", PROXY],
  [1, "proxy", { type: "proxy", listen: "tcp:127.0.0.1:{port}" }],
  [1, "proxy", { type: "proxy", listen: "sctp:127.0.0.1:{port}", connect: "tcp:127.0.0.1:80" }],
  [1, "proxy", { type: "proxy", listen: "tcp:127.0.0.1:{port}", connect: "tcp:127.0.0.1:80", bind: "nowhere" }],
  [1, "u", { type: "bogus" }],
  [1, "u", {}],
  [1, "u", { type: "unix-char", path: "/dev/null" }],
];

const device: fc.Arbitrary<readonly [string, Device]> = weighted(
  ...DEVICES.map(([weight, name, options]): readonly [number, readonly [string, Device]] => [weight, [name, options]]),
);

const GOOD_DEVICES: readonly (readonly [string, Device])[] = [
  ["eth0", { type: "nic", network: "{net}", name: "eth0" }],
  ["m", { type: "disk", source: "{dir}/sub", path: "/media" }],
];

export function isGoodDevice(name: string, device: Json): boolean {
  const good: readonly (readonly [string, Device])[] = [...GOOD_DEVICES, ["d", DISK], ["eth0", NIC], ["proxy", PROXY]];
  return (
    device === null || good.some(([known, one]) => known === name && JSON.stringify(one) === JSON.stringify(device))
  );
}

/** One wrong device at most, as with the configuration. */
export const devices: fc.Arbitrary<Record<string, Device>> = fc
  .tuple(fc.subarray([...GOOD_DEVICES], { maxLength: 1 }), fc.option(device, { freq: 3, nil: undefined }))
  .map(([good, any]) => Object.fromEntries(any === undefined ? good : [...good, any]));

/** A change to be merged: something named, or taken away. */
export const changed = (values: fc.Arbitrary<JsonObject>, names: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    { weight: 4, arbitrary: values },
    { weight: 1, arbitrary: fc.constantFrom(...names).map((name): JsonObject => ({ [name]: null })) },
  );

/** Bodies that are not what LXD expects. */
export const strangeBody: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  "",
  "{",
  "null",
  "[]",
  '"text"',
  '{"config": 1}',
  '{"config": {"user.x": 1}}',
  '{"devices": {"eth0": null}}',
  '{"profiles": "p"}',
  '{"name": 5}',
  "{}",
);

export const ifMatch = weighted([8, undefined], [3, "current" as const], [2, "first" as const], [1, "bogus" as const]);
