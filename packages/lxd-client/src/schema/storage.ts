import type { ConfigMap, Timestamp } from "./common.ts";

export interface StoragePool {
  name: string;
  driver: string;
  description: string;
  status: string;
  config: ConfigMap;
  used_by: string[] | null;
  locations: string[] | null;
}

export interface StoragePoolsPost {
  name: string;
  driver: string;
  config?: ConfigMap | undefined;
  description?: string | undefined;
}

/** Space in bytes, inodes as a count. */
export interface StoragePoolResources {
  space: { used: number; total: number };
  inodes: { used: number; total: number };
}

export type VolumeType = "container" | "virtual-machine" | "image" | "custom";

export interface StorageVolume {
  name: string;
  type: VolumeType;
  description: string;
  content_type: "filesystem" | "block" | (string & {});
  config: ConfigMap;
  used_by: string[] | null;
  location: string;
  created_at?: Timestamp;
  project?: string;
}

export interface StorageVolumesPost {
  name: string;
  content_type?: "filesystem" | "block" | undefined;
  config?: ConfigMap | undefined;
  description?: string | undefined;
}

/** Bytes. `usage` is null or absent where the driver cannot tell. */
export interface StorageVolumeState {
  usage?: { used: number; total?: number } | null;
}
