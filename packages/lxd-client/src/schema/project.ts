import type { ConfigMap } from "./common.ts";

export interface Project {
  name: string;
  description: string;
  /** `features.*`, `limits.*`, `restricted.*`. */
  config: ConfigMap;
  used_by: string[] | null;
}

export interface ProjectPut {
  description?: string | undefined;
  config?: ConfigMap | undefined;
}

export interface ProjectsPost extends ProjectPut {
  name: string;
}
