import type { Operation } from "../../kernel/operations.ts";
import { statusNames } from "../../kernel/status.ts";
import { fresh, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";

function listOperations(request: ApiRequest): Record<string, unknown[]> {
  const isAll = request.query.get("all-projects") === "true";
  const operations = request.daemon.operations.list(isAll ? undefined : request.project);
  const byStatus: Record<string, unknown[]> = {};
  const named = operations.map((operation) => [statusNames[operation.status].toLowerCase(), operation] as const);
  for (const [status, operation] of named.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    byStatus[status] ??= [];
    byStatus[status].push(request.recursion > 0 ? operation.render() : operation.url);
  }
  return byStatus;
}

/** Seconds; absent or negative: no limit. */
function timeoutOf(request: ApiRequest): number | undefined {
  const seconds = Number.parseInt(request.query.get("timeout") ?? "-1", 10);
  return Number.isNaN(seconds) || seconds < 0 ? undefined : seconds * 1000;
}

const operationOf = (request: ApiRequest): Operation => request.daemon.operations.get(request.param("id"));

export const operationRoutes: Route[] = [
  { path: "/1.0/operations", GET: (request) => fresh(listOperations(request)) },
  {
    path: "/1.0/operations/{id}",
    GET: (request) => fresh(operationOf(request).render()),
    DELETE: (request) => {
      request.daemon.operations.cancel(operationOf(request));
      return sync();
    },
  },
  {
    path: "/1.0/operations/{id}/wait",
    GET: async (request) => {
      const operation = operationOf(request);
      await request.daemon.operations.wait(operation, timeoutOf(request));
      return fresh(operation.render());
    },
  },
];
