import { type Reply } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
/** `kind`: under which of its names the list was asked for. */
export declare function listInstances(request: ApiRequest, kind: string): Reply;
