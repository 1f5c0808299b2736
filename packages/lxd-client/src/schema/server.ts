/** `GET /1.0` and `GET /1.0/resources`. */
import type { ConfigMap } from "./common.ts";

export interface StorageDriver {
  /** These three keys are capitalised on the wire. */
  Name: string;
  Version: string;
  Remote: boolean;
}

export interface ServerEnvironment {
  addresses: string[];
  /** Kernel names, e.g. `x86_64`, `aarch64`; the host's own comes first. */
  architectures: string[];
  certificate: string;
  certificate_fingerprint: string;
  /** `lxc`, or `lxc | qemu`. */
  driver: string;
  /** The version of liblxc (and qemu), in the order of `driver`. */
  driver_version: string;
  firewall: string;
  kernel: string;
  kernel_architecture: string;
  /** `"true"` or `"false"` by feature, e.g. `idmapped_mounts`. A "true" is no proof that it works. */
  kernel_features: ConfigMap;
  kernel_version: string;
  lxc_features: ConfigMap;
  os_name: string;
  os_version: string;
  project: string;
  server: "lxd" | "incus" | (string & {});
  server_clustered: boolean;
  server_event_mode?: string;
  server_name: string;
  server_pid: number;
  server_version: string;
  /** Drivers in use, joined by ` | `. */
  storage: string;
  storage_version: string;
  storage_supported_drivers: StorageDriver[];
  instance_types?: string[];
  server_lts?: boolean;
}

export interface Server {
  api_version: string;
  api_status: string;
  api_extensions: string[];
  auth: "trusted" | "untrusted";
  auth_methods: string[];
  auth_user_name?: string;
  auth_user_method?: string;
  public: boolean;
  /** Absent for untrusted callers. */
  config?: ConfigMap;
  /** Absent for untrusted callers. */
  environment?: ServerEnvironment;
}

export interface CpuThread {
  id: number;
  numa_node: number;
  thread: number;
  online: boolean;
  isolated?: boolean;
}

export interface CpuCore {
  core: number;
  die: number;
  threads: CpuThread[];
  frequency?: number;
}

export interface CpuSocket {
  name?: string;
  vendor?: string;
  socket: number;
  cache?: { level: number; type: string; size: number }[];
  cores: CpuCore[];
  frequency?: number;
}

/** What is used of it is typed; gpu, network, storage, usb, pci and system objects are passed through. */
export interface Resources {
  cpu: { architecture: string; sockets: CpuSocket[] /** Number of threads. */; total: number };
  /** Bytes. */
  memory: {
    used: number;
    total: number;
    hugepages_used: number;
    hugepages_total: number;
    hugepages_size: number;
    nodes: unknown[] | null;
  };
  gpu?: unknown;
  network?: unknown;
  storage?: unknown;
  usb?: unknown;
  pci?: unknown;
  system?: unknown;
}
