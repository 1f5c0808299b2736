import { describe, expect, it } from "vitest";
import { checkConfig } from "./check-config.ts";

/** Key, value, and LXD's text when it refuses it: all seen on LXD 5.0.2. */
const cases: [key: string, value: string, refusal?: string][] = [
  ["limits.cpu", "2"],
  ["limits.cpu", "0-1"],
  ["limits.cpu", "1,1", "Cannot define CPU multiple times"],
  ["limits.cpu", "abc", "Invalid CPU limit syntax"],
  ["limits.cpu", "-1", "Invalid CPU limit syntax"],
  ["limits.cpu.allowance", "250%"],
  ["limits.cpu.allowance", "10ms/100ms"],
  ["limits.cpu.allowance", "0.5ms/100ms", 'strconv.Atoi: parsing "0.5": invalid syntax'],
  ["limits.cpu.allowance", "10ms", "Invalid allowance: 10ms"],
  ["limits.cpu.priority", "11", 'Invalid value for a limit "11". Must be between 0 and 10'],
  ["limits.memory", "64MiB"],
  ["limits.memory", "120%"],
  ["limits.memory", "1.5GiB", "Invalid value: 1.5GiB"],
  ["limits.memory", "0", "Memory limit can't be 0"],
  ["limits.memory", "100 MB", "Invalid value: 100 MB"],
  ["limits.memory.enforce", "x", 'Invalid value "x" (not one of [soft hard])'],
  ["limits.processes", "abc", 'Invalid value for an integer "abc"'],
  ["limits.hugepages.3MB", "1", "Unknown configuration key: limits.hugepages.3MB"],
  ["limits.kernel.weird", "1"],
  ["boot.autostart", "no"],
  ["boot.autostart", "x", 'Invalid value for a boolean "x"'],
  ["environment.A", "a\nb", "Environment variables cannot contain line breaks"],
  ["environment.a b", "x"],
  ["user.x y/z.", "x"],
  ["user", "x", "Unknown configuration key: user"],
  ["Limits.cpu", "1", "Unknown configuration key: Limits.cpu"],
  ["security.idmap.base", "-5", 'Invalid value for uint32 "-5": strconv.ParseUint: parsing "-5": invalid syntax'],
  ["security.secureboot", "true", "Unknown configuration key: security.secureboot"],
  ["volatile.eth0.hwaddr", "x"],
  ["volatile.eth0.weird", "x", "Unknown configuration key: volatile.eth0.weird"],
  ["volatile.uuid", "x", "Invalid UUID"],
  ["snapshots.expiry", "x", "Invalid expiry expression"],
  ["raw.lxc", "noequals", "Invalid raw.lxc line: noequals"],
  ["raw.lxc", "LXC.LOG.FILE = /x", "Setting lxc.logfile is not allowed"],
  ["raw.lxc", "lxc.ephemeral=0", "Setting lxc.ephemeral is not allowed"],
  ["raw.lxc", "lxc.net.0.type=none", "Only interface-specific ipv4/ipv6 lxc.net. keys are allowed"],
  ["raw.lxc", "# comment\n\nlxc.net.0.ipv4.address=10.1.1.1/24"],
];

/** LXD's text, or undefined when the value is taken. */
function refusalOf(key: string, value: string): string | undefined {
  try {
    checkConfig({ [key]: value }, false);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("configuration keys of an instance", () => {
  it.each(cases)("%s = %j: %s", (key, value, refusal) => {
    expect(refusalOf(key, value)).toBe(refusal);
  });

  it("refuses keys that exclude one another", () => {
    expect(() => checkConfig({ "security.syscalls.deny": "a", "raw.seccomp": "b" }, false)).toThrow(
      "raw.seccomp is mutually exclusive with security.syscalls*",
    );
  });

  it("refuses volatile keys on a profile", () => {
    expect(() => checkConfig({ "volatile.uuid": "" }, true)).toThrow("Volatile keys can only be set on instances");
  });
});
