import type {
  StoragePool,
  StoragePoolResources,
  StoragePoolsPost,
  StorageVolume,
  StorageVolumesPost,
  StorageVolumeState,
  VolumeType,
} from "../schema/storage.ts";
import type { CallOptions, OperationOptions } from "./options.ts";

export interface StorageVolumesApi {
  list(pool: string, options?: CallOptions): Promise<StorageVolume[]>;
  get(pool: string, type: VolumeType, name: string, options?: CallOptions): Promise<StorageVolume>;
  state(pool: string, type: VolumeType, name: string, options?: CallOptions): Promise<StorageVolumeState>;
  /** Custom volumes. */
  create(pool: string, body: StorageVolumesPost, options?: OperationOptions): Promise<void>;
  /** Custom volumes. */
  delete(pool: string, name: string, options?: OperationOptions): Promise<void>;
}

export interface StorageApi {
  readonly volumes: StorageVolumesApi;
  list(options?: CallOptions): Promise<StoragePool[]>;
  get(name: string, options?: CallOptions): Promise<StoragePool>;
  create(body: StoragePoolsPost, options?: OperationOptions): Promise<void>;
  delete(name: string, options?: OperationOptions): Promise<void>;
  resources(name: string, options?: CallOptions): Promise<StoragePoolResources>;
}
