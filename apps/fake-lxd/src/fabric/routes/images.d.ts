import type { Route } from "../router.ts";
export declare const imageRoutes: Route[];
