import { NamespaceMode } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { sandboxRecord } from "../model/testing/records.ts";
import { checkSandboxConfig, sandboxInstance } from "./sandbox-instance.ts";
import { type PodConfig, podConfig, rawLines, sandboxInput } from "./testing/inputs.ts";

const { NODE } = NamespaceMode;
const linesOf = (config: PodConfig): Record<string, string> =>
  Object.fromEntries(rawLines(sandboxInstance(sandboxInput(config))));
const sharing = (namespaceOptions: object) => ({ securityContext: { namespaceOptions } });

describe("a sandbox's instance", () => {
  it("uses no profile, is never started by LXD, and has the network's devices", () => {
    const post = sandboxInstance(sandboxInput());
    expect(post.profiles).toEqual([]);
    expect(post.config).toMatchObject({ "boot.autostart": "false", "user.lxe.kind": "sandbox" });
    expect(post.devices).toEqual({ root: { type: "disk", path: "/", pool: "default" }, eth0: { type: "nic" } });
  });

  it("has the pod's host name, unless it has the host's", () => {
    expect(linesOf({ hostname: "web-1" })["lxc.uts.name"]).toBe("web-1");
    expect(linesOf({ hostname: "" })).not.toHaveProperty("lxc.uts.name");
    expect(linesOf({ hostname: "web-1", linux: sharing({ network: NODE }) })).not.toHaveProperty("lxc.uts.name");
  });

  it.each([
    ["net.ipv4.ip_forward", "lxc.sysctl.net.ipv4.ip_forward"],
    ["net/ipv4/ip_forward", "lxc.sysctl.net.ipv4.ip_forward"],
    ["kernel.shm_rmid_forced", "lxc.sysctl.kernel.shm_rmid_forced"],
    ["kernel.msgmax", "lxc.sysctl.kernel.msgmax"],
    ["kernel.sem", "lxc.sysctl.kernel.sem"],
    ["fs.mqueue.msg_max", "lxc.sysctl.fs.mqueue.msg_max"],
  ])("sets the sysctl %s", (name, key) => {
    expect(linesOf({ linux: { sysctls: { [name]: "1" } } })[key]).toBe("1");
  });

  it.each<{ sysctl: string; value?: string; linux?: object }>([
    { sysctl: "kernel.hostname" },
    { sysctl: "vm.swappiness" },
    { sysctl: "net.x\nlxc.hook.start = /x" },
    { sysctl: "net.x", value: "1\nlxc.hook.start = /x" },
    { sysctl: "net.ipv4.ip_forward", linux: sharing({ network: NODE }) },
    { sysctl: "kernel.shm_rmid_forced", linux: sharing({ ipc: NODE }) },
    { sysctl: "fs.mqueue.msg_max", linux: sharing({ ipc: NODE }) },
  ])("is refused for a sysctl that is not the pod's: $sysctl, $linux", ({ sysctl, value = "1", linux }) => {
    expect(() => linesOf({ linux: { ...linux, sysctls: { [sysctl]: value } } })).toThrow("linux.sysctls");
  });

  it.each([
    { userns: { kind: "host" }, config: { "security.privileged": "true" } },
    { userns: { kind: "mapped", hostId: 65536, length: 65536 }, config: { "security.idmap.base": "65536" } },
  ] as const)("is in the user namespace that was chosen: $userns.kind", ({ userns, config }) => {
    const post = sandboxInstance(sandboxInput({}, { record: sandboxRecord({ userns }) }));
    expect(post.config).toMatchObject(config);
  });
});

describe("a sandbox's config", () => {
  it.each<{ field: string; config: PodConfig }>([
    { field: "config.metadata is missing", config: { metadata: undefined } },
    { field: "config.metadata.name", config: { metadata: { namespace: "n", uid: "u" } } },
    { field: "config.metadata.namespace", config: { metadata: { name: "n", uid: "u" } } },
    { field: "config.metadata.uid", config: { metadata: { name: "n", namespace: "n" } } },
    { field: "config.hostname", config: { hostname: "x".repeat(64) } },
    { field: "config.hostname", config: { hostname: "a b" } },
    { field: "config.hostname", config: { hostname: "a\nb" } },
    { field: "config.dns_config.servers", config: { dnsConfig: { servers: ["1.1.1.1\nsearch evil"] } } },
    { field: "config.dns_config.searches", config: { dnsConfig: { searches: [""] } } },
    { field: "config.dns_config.options", config: { dnsConfig: { options: ["a b"] } } },
    { field: "namespace_options.network", config: { linux: sharing({ network: NamespaceMode.CONTAINER }) } },
    { field: "run_as_group needs run_as_user", config: { linux: { securityContext: { runAsGroup: { value: 1n } } } } },
  ])("is refused by the name of $field: $config", ({ field, config }) => {
    expect(() => checkSandboxConfig(podConfig(config))).toThrow(field);
    expect(() => checkSandboxConfig(podConfig(config))).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it.each<PodConfig>([
    {},
    { hostname: "x".repeat(63) },
    { dnsConfig: { servers: ["fe80::1%eth0"], options: ["ndots:5"] } },
  ])("is fine as %o", (config) => {
    expect(() => checkSandboxConfig(podConfig(config))).not.toThrow();
  });
});
