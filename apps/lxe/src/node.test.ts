import { describe, expect, it } from "vitest";
import type { Config } from "./config/config.ts";
import { readNode } from "./node.ts";
import type { HostFiles } from "./platform/host-files.ts";
import { asClient } from "./reconcile/testing/small-lxd.ts";

interface Options {
  readonly environment?: object | null;
  readonly profiles?: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly pools?: string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly config?: Partial<Config>;
}

const ENVIRONMENT = {
  server: "lxd",
  server_version: "5.0.2",
  server_name: "lxd-name",
  server_pid: 4711,
  driver_version: "5.0.2 | 8.0",
  architectures: ["x86_64", "i686"],
  kernel_version: "6.12.38+deb13-amd64",
};
const ROOT = { root: { type: "disk", path: "/", pool: "fast" }, eth0: { type: "nic" } };

function read({
  environment = {},
  profiles = { default: ROOT },
  pools = ["first"],
  files = {},
  config = {},
}: Options = {}) {
  const lxd = asClient({
    server: {
      get: async () => ({
        api_extensions: [],
        ...(environment && { environment: { ...ENVIRONMENT, ...environment } }),
      }),
    },
    profiles: { get: async (name: string) => ({ value: { name, devices: profiles[name] ?? {} }, etag: "" }) },
    storage: { list: async () => pools.map((name) => ({ name })) },
  });
  const host = {
    readFile: async (path: string) => (path in files ? Buffer.from(files[path] ?? "") : undefined),
    stat: async (path: string) => (path in files ? {} : undefined),
  } as HostFiles;
  return readNode(lxd, host, { lxdProfiles: ["default"], ...config } as Config);
}

describe("the node", () => {
  it("is what LXD says of itself", async () => {
    expect(await read()).toMatchObject({
      server: "lxd 5.0.2",
      driverVersion: "5.0.2",
      architecture: "x86_64",
      hostPid: 4711,
      profiles: ["default"],
    });
  });

  it("cannot be used when LXD does not trust lxe", async () => {
    await expect(read({ environment: null })).rejects.toThrow("does not trust");
  });

  it.each([
    { files: {}, cgroupVersion: 1 },
    { files: { "/sys/fs/cgroup/cgroup.controllers": "cpu" }, cgroupVersion: 2 },
  ])("has cgroup v$cgroupVersion by its files", async ({ files, cgroupVersion }) => {
    expect(await read({ files })).toMatchObject({ cgroupVersion });
  });

  it.each([
    { what: "nothing", files: {}, apparmor: false, selinux: false, ipv6: false },
    {
      what: "AppArmor",
      files: { "/sys/module/apparmor/parameters/enabled": "Y\n" },
      apparmor: true,
      selinux: false,
      ipv6: false,
    },
    {
      what: "AppArmor, off",
      files: { "/sys/module/apparmor/parameters/enabled": "N\n" },
      apparmor: false,
      selinux: false,
      ipv6: false,
    },
    { what: "SELinux", files: { "/sys/fs/selinux/enforce": "1" }, apparmor: false, selinux: true, ipv6: false },
    { what: "IPv6", files: { "/proc/net/if_inet6": "0 lo\n" }, apparmor: false, selinux: false, ipv6: true },
  ])("has $what by its files", async ({ files, apparmor, selinux, ipv6 }) => {
    expect(await read({ files })).toMatchObject({ apparmor, selinux, ipv6 });
  });

  it.each([
    { what: "its own name", files: { "/proc/sys/kernel/hostname": "node-1\n" }, hostname: "node-1" },
    { what: "LXD's where that cannot be read", files: {}, hostname: "lxd-name" },
  ])("is called by $what", async ({ files, hostname }) => {
    expect(await read({ files })).toMatchObject({ hostname });
  });

  it.each([
    { what: "all capabilities", status: "CapEff:\t000001ffffffffff\n", min: -1000 },
    { what: "no CAP_SYS_RESOURCE", status: "CapEff:\t0000000000000000\n", min: -500 },
  ])("lowers oom_score_adj to $min with $what", async ({ status, min }) => {
    const files = { "/proc/self/status": `Name:\tlxe\n${status}`, "/proc/self/oom_score_adj": "-500\n" };
    expect(await read({ files })).toMatchObject({ oomScoreAdjMin: min });
  });

  it.each([
    {
      what: "limits swap",
      files: { "/sys/fs/cgroup/system.slice/lxe.service/memory.swap.max": "max\n" },
      limits: true,
    },
    { what: "does not limit swap", files: {}, limits: false },
  ])("$what as its own cgroup tells", async ({ files, limits }) => {
    const own = { "/proc/self/cgroup": "0::/system.slice/lxe.service\n" };
    expect(await read({ files: { ...own, ...files } })).toMatchObject({ limitsSwap: limits });
    expect(await read({ files })).toMatchObject({ limitsSwap: false });
  });

  it.each([
    { kernel: "6.3.0", possible: true },
    { kernel: "6.12.38+deb13-amd64", possible: true },
    { kernel: "6.11-amd64", possible: true },
    { kernel: "6.12-rc1", possible: true },
    { kernel: "7.0", possible: true },
    { kernel: "6.2.16", possible: false },
    { kernel: "6.1.0-32-amd64", possible: false },
    { kernel: "5.15.0", possible: false },
  ])("shares a user namespace among containers: $possible, with kernel $kernel", async ({ kernel, possible }) => {
    const { noSharedUserNamespace } = await read({ environment: { kernel_version: kernel } });
    expect(noSharedUserNamespace === undefined).toBe(possible);
  });

  it("takes the profiles' network devices out of instances", async () => {
    const profiles = { default: ROOT, more: { eth1: { type: "nic" }, data: { type: "disk" } } };
    const { masks } = await read({ profiles, config: { lxdProfiles: ["default", "more"] } });
    expect(masks).toEqual({ eth0: { type: "none" }, eth1: { type: "none" } });
  });
});

describe("the storage pool", () => {
  it.each<{ what: string; options: Options; pool: string }>([
    { what: "the one asked for", options: { config: { lxdStoragePool: "mine" } }, pool: "mine" },
    { what: "the last profile's", options: {}, pool: "fast" },
    { what: "the first there is", options: { profiles: {} }, pool: "first" },
  ])("is $what", async ({ options, pool }) => {
    expect(await read(options)).toMatchObject({ pool });
  });

  it("is asked for when there is none", async () => {
    await expect(read({ profiles: {}, pools: [] })).rejects.toThrow("lxc storage create");
  });
});
