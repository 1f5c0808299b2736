import type { Metrics } from "../../kernel/server/metrics.ts";
import type { Route } from "../router.ts";
export declare function serverRoutes(metrics: Metrics): Route[];
