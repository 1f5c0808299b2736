import { NamespaceMode } from "@lxe/cri";
import { readFile, stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { HostFiles } from "./platform/host-files.ts";
import { createSystemHostFiles } from "./platform/system-host-files.ts";
import { temporaryDirectory } from "./platform/testing/temporary-directory.ts";
import { hostnameOf, removePodFiles, writePodFiles } from "./pod-files.ts";
import { StatePaths } from "./store/paths.ts";
import { type PodConfig, podConfig } from "./translate/testing/inputs.ts";

const { NODE } = NamespaceMode;
const sharing = (namespaceOptions: object): PodConfig => ({ linux: { securityContext: { namespaceOptions } } });

async function fixture() {
  const directory = await temporaryDirectory();
  const mounted: string[] = [];
  const files: HostFiles = {
    ...createSystemHostFiles(),
    isMountPoint: async (path) => mounted.includes(path),
    mountTmpfs: async (path) => mounted.push(path) > 0,
    unmount: async (path) => void mounted.splice(mounted.indexOf(path), 1),
  };
  const paths = new StatePaths(directory.path);
  const pod = paths.pod("web");
  const write = (config: PodConfig) =>
    writePodFiles(
      { files, paths },
      { instance: "web", config: podConfig(config), addresses: ["10.0.0.7"], hostname: "node-1" },
    );
  return {
    files,
    paths,
    pod,
    mounted,
    write,
    text: (path: string) => readFile(path, "utf8"),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("the host name of a pod", () => {
  it.each([
    { config: { hostname: "web" }, expected: "web" },
    { config: {}, expected: "node-1" },
    { config: { hostname: "web", ...sharing({ network: NODE }) }, expected: "node-1" },
  ])("is $expected for $config", ({ config, expected }) => {
    expect(hostnameOf(podConfig(config), "node-1")).toBe(expected);
  });
});

describe("the files of a pod", () => {
  it("are its name, its hosts, its DNS and its own /dev/shm", async () => {
    await using all = await fixture();
    await all.write({ hostname: "web", dnsConfig: { servers: ["10.96.0.10"] } });
    expect(await all.text(all.pod.hostname)).toBe("web\n");
    expect(await all.text(all.pod.hosts)).toContain("10.0.0.7\tweb\n");
    expect(await all.text(all.pod.resolvConf)).toBe("nameserver 10.96.0.10\n");
    expect(all.mounted).toEqual([all.pod.shm]);
    expect((await stat(all.pod.shm)).mode & 0o7777).toBe(0o1777);
    for (const file of [all.pod.hosts, all.pod.hostname, all.pod.resolvConf])
      expect((await stat(file)).mode & 0o777).toBe(0o644);
  });

  it("have the host's DNS without a DNS config, and none with an empty one", async () => {
    await using all = await fixture();
    const hosts = (await all.files.readFile("/etc/resolv.conf"))?.toString() ?? "";
    await all.write({});
    expect(await all.text(all.pod.resolvConf)).toBe(hosts);
    await all.write({ dnsConfig: {} });
    expect(await all.text(all.pod.resolvConf)).toBe("");
  });

  it("have the host's hosts on its network, and no /dev/shm in its IPC namespace", async () => {
    await using all = await fixture();
    await all.write(sharing({ network: NODE, ipc: NODE }));
    expect(await all.text(all.pod.hosts)).toBe((await all.files.readFile("/etc/hosts"))?.toString() ?? "");
    expect(all.mounted).toEqual([]);
  });

  it("can be written twice: /dev/shm is mounted once", async () => {
    await using all = await fixture();
    await all.write({});
    await all.write({});
    expect(all.mounted).toHaveLength(1);
  });

  it("are gone after their removal, which may be repeated", async () => {
    await using all = await fixture();
    await all.write({});
    await removePodFiles(all, "web");
    await removePodFiles(all, "web");
    await expect(stat(all.pod.directory)).rejects.toThrow("ENOENT");
    expect(all.mounted).toEqual([]);
  });

  it("stay when /dev/shm cannot be unmounted", async () => {
    await using all = await fixture();
    await all.write({});
    const files = { ...all.files, unmount: async () => Promise.reject(new Error("busy")) };
    await expect(removePodFiles({ files, paths: all.paths }, "web")).rejects.toThrow("busy");
    expect(await all.text(all.pod.hostname)).toBe("node-1\n");
  });
});
