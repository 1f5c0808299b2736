/** The requests about operations themselves. */
import type { Operation } from "../schema/operation.ts";
import { asObjects, asOperation, isObject } from "../transport/expect.ts";
import { labelOf, type Rest } from "../transport/rest.ts";

const operationPath = (id: string) => `/1.0/operations/${encodeURIComponent(id)}`;

export async function fetchOperation(rest: Rest, id: string, signal?: AbortSignal): Promise<Operation> {
  const request = { method: "GET", path: operationPath(id) } as const;
  const reply = await rest.call(request, { signal });
  return reply.type === "async" ? reply.operation : asOperation(labelOf(request), reply.metadata);
}

/** All that LXD still knows, in no order. */
export async function fetchOperations(rest: Rest, signal?: AbortSignal): Promise<Operation[]> {
  const request = { method: "GET", path: "/1.0/operations", query: { recursion: "1" } } as const;
  const reply = await rest.call(request, { signal });
  if (reply.type !== "sync" || !isObject(reply.metadata)) return [];
  return Object.values(reply.metadata).flatMap((group) => asObjects<Operation>(labelOf(request), group, "id"));
}

export async function requestCancel(rest: Rest, id: string, signal: AbortSignal | undefined): Promise<void> {
  await rest.call({ method: "DELETE", path: operationPath(id) }, { signal });
}
