/** Requests that change something: sends them, waits for the operation if LXD made one, and retries while the instance is busy. */
import type { CallOptions, OperationOptions } from "../api/options.ts";
import type { RequestSpec } from "../api/request.ts";
import { Backoff } from "../backoff.ts";
import type { Context } from "../context.ts";
import { isLxdError, LxdError } from "../errors.ts";
import { type Operation, StatusCode } from "../schema/index.ts";
import { abortError, sleep } from "../transport/abort.ts";
import { errorFromOperation } from "../transport/classify.ts";
import { labelOf, type Reply } from "../transport/rest.ts";

export type RunContext = Pick<Context, "rest" | "tracker" | "clock" | "random" | "limits">;

/** Throws unless it succeeded. */
export function checkSuccess(request: string, operation: Operation): Operation {
  if (operation.status_code === StatusCode.success) return operation;
  throw errorFromOperation(request, operation);
}

/**
 * Which calls are synchronous differs by version: this takes both.
 * Resolves with the ended operation, or undefined when the answer came at once.
 */
export async function change(
  context: RunContext,
  request: RequestSpec,
  options: OperationOptions | undefined,
): Promise<Operation | undefined> {
  return retryWhileBusy(context, labelOf(request), options, async () => {
    const { rest, tracker } = context;
    const listeningSince = tracker.listening();
    const reply = await rest.call(request, options);
    if (reply.type === "sync") return undefined;
    return checkSuccess(labelOf(request), await tracker.waitEnd(reply.operation, options, listeningSince));
  });
}

/** The same for calls that every version answers with an operation. */
export async function operate(
  context: RunContext,
  request: RequestSpec,
  options: OperationOptions | undefined,
): Promise<Operation> {
  const operation = await change(context, request, options);
  if (operation === undefined) throw notAsync(labelOf(request));
  return operation;
}

/** Starts and does not wait. */
export async function start(
  context: RunContext,
  request: RequestSpec,
  options: CallOptions | undefined,
): Promise<Operation> {
  return startedBy(labelOf(request), await context.rest.call(request, options));
}

export function startedBy(request: string, reply: Reply): Operation {
  if (reply.type === "sync") throw notAsync(request);
  return reply.operation;
}

function notAsync(request: string): LxdError {
  return new LxdError("protocol", `${request}: the answer is not an operation`, { request });
}

/** LXD refuses what comes in the middle of another action on an instance, without having done any of it. */
async function retryWhileBusy<T>(
  context: RunContext,
  request: string,
  options: OperationOptions | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  const { clock, limits, random } = context;
  const signal = options?.signal;
  const patienceMs = options?.busyTimeoutMs ?? (signal === undefined ? limits.busyTimeoutMs : Infinity);
  const endsAt = clock.now() + patienceMs;
  const backoff = new Backoff(limits.busyDelayMs, limits.busyDelayMaxMs, random);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const leftMs = endsAt - clock.now();
      if (!isLxdError(error, "busy") || leftMs <= 0) throw error;
      await sleep(clock, Math.min(backoff.nextMs(), leftMs), signal);
      if (signal?.aborted) throw abortError(signal, request, error);
    }
  }
}
