import type { Project, ProjectPut, ProjectsPost } from "../schema/project.ts";
import type { CallOptions, OperationOptions, Tagged, WriteOptions } from "./options.ts";

export interface ProjectsApi {
  list(options?: CallOptions): Promise<Project[]>;
  get(name: string, options?: CallOptions): Promise<Tagged<Project>>;
  create(body: ProjectsPost, options?: OperationOptions): Promise<void>;
  update(name: string, body: ProjectPut, options?: WriteOptions): Promise<void>;
  delete(name: string, options?: OperationOptions): Promise<void>;
}
