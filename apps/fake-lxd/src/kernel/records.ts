/** What LXD keeps in its database, plus the bytes it keeps on disk. Plain data; survives a crash of the daemon. */
import type { FileTree } from "../guest/types.ts";
import type { Machine } from "./instances/machine.ts";

export type Config = Record<string, string>;
export type Devices = Record<string, Record<string, string>>;

export interface ProjectRecord {
  name: string;
  description: string;
  config: Config;
}

export interface ProfileRecord {
  project: string;
  name: string;
  description: string;
  config: Config;
  devices: Devices;
}

export interface InstanceRecord {
  project: string;
  name: string;
  description: string;
  architecture: string;
  /** Local values, `volatile.*` included. Replaced at each change (`own-config.ts`): the same object has the same content. */
  config: Readonly<Config>;
  /** Replaced, too. */
  devices: Devices;
  ephemeral: boolean;
  profiles: string[];
  createdAtMs: number;
  /** 0: never started. */
  lastUsedAtMs: number;
  pool: string;
  /** Null for an instance made from source `none`: it has no root file system and cannot start. */
  rootfs: FileTree | null;
  /** The image's metadata.yaml. */
  metadata: Record<string, unknown>;
  snapshots: SnapshotRecord[];
  /** The running container, if any. It is not the daemon's: it lives on when the daemon dies. */
  machine: Machine | null;
  /** LXC is at work, but there is no init yet. */
  isStarting: boolean;
  /** What the last run wrote to its terminal. */
  lastConsole: Uint8Array | null;
}

export interface SnapshotRecord {
  name: string;
  createdAtMs: number;
  expiresAt: string;
  config: Config;
  devices: Devices;
  profiles: string[];
  architecture: string;
  ephemeral: boolean;
  rootfs: FileTree | null;
}

export interface ImageRecord {
  project: string;
  fingerprint: string;
  filename: string;
  architecture: string;
  public: boolean;
  autoUpdate: boolean;
  cached: boolean;
  properties: Config;
  profiles: string[];
  createdAt: string;
  uploadedAt: string;
  lastUsedAtMs: number;
  expiresAt: string;
  updateSource?: { alias: string; certificate: string; protocol: string; server: string; image_type: string };
  metadata: Record<string, unknown>;
  /** One file (unified) or two (split): what the client sent. */
  files: { metadata: Uint8Array; rootfs?: Uint8Array; rootfsName?: string };
  /** Unpacked once; instances get clones. */
  rootfs: FileTree;
}

export interface AliasRecord {
  project: string;
  name: string;
  description: string;
  target: string;
}

export interface NetworkRecord {
  name: string;
  description: string;
  type: string;
  config: Config;
  hwaddr: string;
  /** Dynamic leases by hardware address. */
  leases: Map<string, DynamicLease>;
}

export interface DynamicLease {
  hostname: string;
  address: string;
  project: string;
}

export interface PoolRecord {
  name: string;
  driver: string;
  description: string;
  config: Config;
}

export interface VolumeRecord {
  pool: string;
  project: string;
  name: string;
  description: string;
  contentType: string;
  config: Config;
  /** A directory of the host: custom volumes are mounted into guests. */
  hostPath: string;
}
