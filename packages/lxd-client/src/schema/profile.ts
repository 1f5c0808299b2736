import type { ConfigMap, DeviceMap } from "./common.ts";

export interface Profile {
  name: string;
  description: string;
  config: ConfigMap;
  devices: DeviceMap;
  /** Instance URLs, with `?project=` when not in the default one. */
  used_by: string[];
  project?: string;
}

export interface ProfilePut {
  description?: string | undefined;
  config?: ConfigMap | undefined;
  devices?: DeviceMap | undefined;
}

export interface ProfilesPost extends ProfilePut {
  name: string;
}
