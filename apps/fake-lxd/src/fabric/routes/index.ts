/** Every path of the API. Order matters where one pattern also matches another's paths: the narrow one comes first. */
import type { Metrics } from "../../kernel/server/metrics.ts";
import type { Route } from "../router.ts";
import { imageAliasRoutes } from "./image-aliases.ts";
import { imageRoutes } from "./images.ts";
import { instanceExecRoutes } from "./instance-exec.ts";
import { instanceFileRoutes } from "./instance-files.ts";
import { instanceLogRoutes } from "./instance-logs.ts";
import { instanceSnapshotRoutes } from "./instance-snapshots.ts";
import { instanceStateRoutes } from "./instance-state.ts";
import { instanceRoutes } from "./instances.ts";
import { networkRoutes } from "./networks.ts";
import { operationRoutes } from "./operations.ts";
import { profileRoutes } from "./profiles.ts";
import { projectRoutes } from "./projects.ts";
import { serverRoutes } from "./server.ts";
import { storageRoutes } from "./storage.ts";

export function allRoutes(metrics: Metrics): Route[] {
  return [
    ...serverRoutes(metrics),
    ...operationRoutes,
    ...instanceRoutes,
    ...instanceStateRoutes,
    ...instanceExecRoutes,
    ...instanceFileRoutes,
    ...instanceLogRoutes,
    ...instanceSnapshotRoutes,
    ...imageAliasRoutes,
    ...imageRoutes,
    ...profileRoutes,
    ...networkRoutes,
    ...storageRoutes,
    ...projectRoutes,
  ];
}
