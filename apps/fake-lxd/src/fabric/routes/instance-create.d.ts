import { type Reply } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
export declare function createInstance(request: ApiRequest): Reply;
