/** Every path of the API. Order matters where one pattern also matches another's paths: the narrow one comes first. */
import type { Metrics } from "../../kernel/server/metrics.ts";
import type { Route } from "../router.ts";
export declare function allRoutes(metrics: Metrics): Route[];
