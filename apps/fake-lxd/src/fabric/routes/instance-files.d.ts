import type { Route } from "../router.ts";
export declare const instanceFileRoutes: Route[];
