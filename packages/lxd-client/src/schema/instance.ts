/** Instances: what `/1.0/instances` gives and takes. */
import type { ConfigMap, DeviceMap, Timestamp } from "./common.ts";
import type { InstanceState } from "./instance-state.ts";

export type InstanceType = "container" | "virtual-machine";

/** `status` of an instance. `Error` means "unknown, ask again". */
export type InstanceStatus =
  | "Running"
  | "Stopped"
  | "Frozen"
  | "Error"
  | "Starting"
  | "Stopping"
  | "Aborting"
  | "Freezing"
  | "Thawed"
  | "Ready"
  | (string & {});

export interface Instance {
  name: string;
  description: string;
  type: InstanceType;
  status: InstanceStatus;
  status_code: number;
  architecture: string;
  /** Local values only, `volatile.*` included. */
  config: ConfigMap;
  /** Local devices only. */
  devices: DeviceMap;
  /** Profiles in order, then local config. Present on every read of one or a list of objects. */
  expanded_config: ConfigMap;
  expanded_devices: DeviceMap;
  /** Later profiles win. */
  profiles: string[];
  ephemeral: boolean;
  stateful: boolean;
  created_at: Timestamp;
  /** The last start. */
  last_used_at: Timestamp;
  /** Cluster member; `none` when not clustered. */
  location: string;
  project: string;
}

export interface InstanceSnapshot {
  name: string;
  architecture: string;
  config: ConfigMap;
  devices: DeviceMap;
  expanded_config: ConfigMap;
  expanded_devices: DeviceMap;
  profiles: string[];
  ephemeral: boolean;
  stateful: boolean;
  created_at: Timestamp;
  last_used_at: Timestamp;
  expires_at: Timestamp;
  /** Bytes, -1 when unknown. */
  size: number;
}

/** `recursion=2`. Costs LXD about 15 ms for every running instance: not for polling. */
export interface InstanceFull extends Instance {
  state: InstanceState | null;
  snapshots: InstanceSnapshot[] | null;
  backups: unknown[] | null;
}

/** The body of a PUT: everything is replaced by what is given. `volatile.*` must be carried over from a read. */
export interface InstancePut {
  architecture?: string | undefined;
  config?: ConfigMap | undefined;
  devices?: DeviceMap | undefined;
  ephemeral?: boolean | undefined;
  profiles?: string[] | undefined;
  description?: string | undefined;
  /** Name of a snapshot to go back to. */
  restore?: string | undefined;
  stateful?: boolean | undefined;
}

/** The body of a PATCH: maps merge by key, the value `""` deletes a config key, `profiles` is replaced when present. */
export type InstancePatch = Omit<InstancePut, "restore">;

export interface ImageInstanceSource {
  type: "image";
  alias?: string | undefined;
  /** Whole, or a unique prefix. */
  fingerprint?: string | undefined;
  properties?: ConfigMap | undefined;
  /** With `protocol` and `mode: "pull"`: LXD downloads the image first. */
  server?: string | undefined;
  protocol?: "simplestreams" | "lxd" | "incus" | "oci" | undefined;
  mode?: "pull" | "local" | undefined;
  certificate?: string | undefined;
  secret?: string | undefined;
}

export interface EmptyInstanceSource {
  type: "none";
}

export interface CopyInstanceSource {
  type: "copy";
  /** Instance, or `instance/snapshot`. */
  source: string;
  project?: string | undefined;
  instance_only?: boolean | undefined;
}

export type InstanceSource = ImageInstanceSource | EmptyInstanceSource | CopyInstanceSource;

export interface InstancesPost {
  /** 1 to 63 letters, digits and hyphens; no leading digit, no hyphen at either end. */
  name: string;
  source: InstanceSource;
  architecture?: string | undefined;
  /** Absent: `["default"]`. `[]`: none. */
  profiles?: string[] | undefined;
  config?: ConfigMap | undefined;
  devices?: DeviceMap | undefined;
  ephemeral?: boolean | undefined;
  description?: string | undefined;
  type?: InstanceType | undefined;
  instance_type?: string | undefined;
  /** Ignored by servers without the extension `instance_create_start`. */
  start?: boolean | undefined;
}

export interface SnapshotsPost {
  name: string;
  stateful?: boolean | undefined;
  expires_at?: Timestamp | undefined;
}
