import { type Reply } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";
export declare function changeManyStates(request: ApiRequest): Reply;
export declare const instanceStateRoutes: Route[];
