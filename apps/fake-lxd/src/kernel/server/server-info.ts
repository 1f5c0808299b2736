/** `GET /1.0`: an LXD 5.0.2 with LXC 5.0.2 on this machine. */
import { hostname, machine, release } from "node:os";
import { readFileSync } from "node:fs";
import type { Server } from "@lxe/lxd-client";
import { sorted } from "../etag.ts";
import type { World } from "../world.ts";
import { apiExtensions } from "./api-extensions.ts";

const flags = (names: string, value: "true" | "false") => names.split(" ").map((name) => [name, value] as const);

const kernelFeatures = Object.fromEntries([
  ...flags(
    "idmapped_mounts netnsid_getifaddrs seccomp_listener seccomp_listener_continue uevent_injection unpriv_fscaps",
    "true",
  ),
  ...flags("shiftfs", "false"),
]);

const lxcFeatures = Object.fromEntries(
  flags(
    "cgroup2 core_scheduling devpts_fd idmapped_mounts_v2 mount_injection_file network_gateway_device_route network_ipvlan network_l2proxy network_phys_macvlan_mtu network_veth_router pidfd seccomp_allow_deny_syntax seccomp_notify seccomp_proxy_send_notify_fd",
    "true",
  ),
);

const alsoRuns: Readonly<Record<string, string>> = { x86_64: "i686", aarch64: "armv7l" };

function osRelease(): { name: string; version: string } {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    const field = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, "m").exec(text)?.[1] ?? "";
    return { name: field("NAME"), version: field("VERSION_ID") };
  } catch {
    return { name: "", version: "" };
  }
}

export const kernelVersion = (): string => release();
export const hostArchitecture = (): string => (machine() === "arm64" ? "aarch64" : machine());

/** Covers the configuration only. */
export function serverEtag(world: World): unknown {
  return sorted(world.serverConfig);
}

export function renderServer(world: World, project: string): Server {
  const os = osRelease();
  const second = alsoRuns[world.architecture];
  return {
    config: sorted(world.serverConfig),
    api_extensions: [...apiExtensions],
    api_status: "stable",
    api_version: "1.0",
    auth: "trusted",
    public: false,
    auth_methods: ["tls"],
    environment: {
      addresses: [],
      architectures: [world.architecture, ...(second === undefined ? [] : [second])],
      certificate: "",
      certificate_fingerprint: "",
      driver: "lxc",
      driver_version: "5.0.2",
      firewall: "nftables",
      kernel: "Linux",
      kernel_architecture: world.architecture,
      kernel_features: kernelFeatures,
      kernel_version: kernelVersion(),
      lxc_features: lxcFeatures,
      os_name: os.name,
      os_version: os.version,
      project,
      server: "lxd",
      server_clustered: false,
      server_event_mode: "full-mesh",
      server_name: hostname(),
      server_pid: process.pid,
      server_version: "5.0.2",
      storage: "dir",
      storage_version: "1",
      storage_supported_drivers: [{ Name: "dir", Version: "1", Remote: false }],
    },
  };
}
