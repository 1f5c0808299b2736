/** `/1.0/instances/{name}/state`. No version has an exit code here. */

export interface InstanceCpuState {
  /** Nanoseconds of CPU time since the start; -1 when unknown. */
  usage: number;
  allocated_time?: number;
}

/** Bytes. `usage` includes the page cache. */
export interface InstanceMemoryState {
  usage: number;
  usage_peak: number;
  swap_usage: number;
  swap_usage_peak: number;
  total?: number;
}

/** Bytes. */
export interface InstanceDiskState {
  usage: number;
  total?: number;
}

export interface NetworkAddress {
  family: "inet" | "inet6";
  address: string;
  /** The prefix length as text, e.g. `24`. */
  netmask: string;
  scope: "local" | "link" | "global" | (string & {});
}

export interface NetworkCounters {
  bytes_received: number;
  bytes_sent: number;
  packets_received: number;
  packets_sent: number;
}

export interface InstanceNetworkCounters extends NetworkCounters {
  errors_received: number;
  errors_sent: number;
  packets_dropped_inbound: number;
  packets_dropped_outbound: number;
}

export interface InstanceNetworkState {
  addresses: NetworkAddress[];
  counters: InstanceNetworkCounters;
  hwaddr: string;
  /** The other end on the host, empty when there is none. */
  host_name: string;
  mtu: number;
  state: "up" | "down" | (string & {});
  type: string;
}

export interface InstanceState {
  status: string;
  status_code: number;
  /** The init process as the host sees it; 0 when stopped. */
  pid: number;
  /** -1 when unknown. */
  processes: number;
  cpu: InstanceCpuState;
  memory: InstanceMemoryState;
  /** By device name; empty where the pool keeps no quota. */
  disk: Record<string, InstanceDiskState> | null;
  /** By interface name; null when stopped. */
  network: Record<string, InstanceNetworkState> | null;
  started_at?: string;
}

export type InstanceAction = "start" | "stop" | "restart" | "freeze" | "unfreeze";

export interface InstanceStatePut {
  action: InstanceAction;
  /** Seconds to wait for a graceful stop; 0 is a forced stop, -1 (the default) no limit. LXD never escalates by itself. */
  timeout?: number | undefined;
  force?: boolean | undefined;
  stateful?: boolean | undefined;
}
