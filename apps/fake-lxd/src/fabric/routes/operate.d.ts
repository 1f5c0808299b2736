import type { Operation } from "../../kernel/operations.ts";
import type { InstanceRecord } from "../../kernel/records.ts";
import { type Reply } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
export declare function instanceOf(request: ApiRequest): InstanceRecord;
export declare function operate(request: ApiRequest, description: string, instance: InstanceRecord, run: (operation: Operation) => Promise<void> | void): Reply;
