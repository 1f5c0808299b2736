import type { EventsApi } from "./events.ts";
import type { ImagesApi } from "./images.ts";
import type { InstancesApi } from "./instances.ts";
import type { NetworksApi } from "./networks.ts";
import type { OperationsApi } from "./operations.ts";
import type { ProfilesApi } from "./profiles.ts";
import type { ProjectsApi } from "./projects.ts";
import type { RequestFunction } from "./request.ts";
import type { ServerApi } from "./server.ts";
import type { StorageApi } from "./storage.ts";

/** All of LXD that lxe uses. Every rejection is an LxdError. Disposing closes gracefully. */
export interface LxdClient extends AsyncDisposable {
  readonly server: ServerApi;
  readonly instances: InstancesApi;
  readonly images: ImagesApi;
  readonly profiles: ProfilesApi;
  readonly networks: NetworksApi;
  readonly storage: StorageApi;
  readonly projects: ProjectsApi;
  readonly operations: OperationsApi;
  readonly events: EventsApi;
  readonly request: RequestFunction;
  /** Lets calls under way end, refuses new ones (`closed`), then disconnects. Idempotent. */
  close(): Promise<void>;
  /** Ends all calls with `closed` at once. Idempotent. */
  destroy(): Promise<void>;
}
