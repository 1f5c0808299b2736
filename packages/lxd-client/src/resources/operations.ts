import type { OperationHandle, OperationsApi } from "../api/operations.ts";
import type { Context } from "../context.ts";
import { fetchOperation, fetchOperations, requestCancel } from "../operations/requests.ts";
import { checkSuccess, start } from "../operations/run.ts";
import type { WaitOptions } from "../operations/tracker.ts";
import type { Operation } from "../schema/operation.ts";

export function operationsResource(context: Context): OperationsApi {
  const { rest, tracker } = context;
  return {
    list: (options) => fetchOperations(rest, options?.signal),
    get: (id, options) => fetchOperation(rest, id, options?.signal),
    async wait(id, options) {
      const operation = await fetchOperation(rest, id, options?.signal);
      return checkSuccess(`operation ${id}`, await tracker.waitEnd(operation, options));
    },
    cancel: (id, options) => requestCancel(rest, id, options?.signal),
    async start(request, options) {
      const listeningSince = tracker.listening();
      return handle(context, await start(context, request, options), listeningSince);
    },
  };
}

function handle({ rest, tracker }: Context, started: Operation, listeningSince: number | undefined): OperationHandle {
  const { id } = started;
  let latest = started;
  const waitEnd = async (options?: WaitOptions) => {
    const onUpdate = (operation: Operation) => {
      latest = operation;
      options?.onUpdate?.(operation);
    };
    return tracker.waitEnd(latest, { signal: options?.signal, onUpdate }, listeningSince);
  };
  return {
    id,
    get operation() {
      return latest;
    },
    get metadata() {
      return latest.metadata ?? {};
    },
    waitEnd,
    wait: async (options) => checkSuccess(`operation ${id}`, await waitEnd(options)),
    cancel: (options) => requestCancel(rest, id, options?.signal),
  };
}
