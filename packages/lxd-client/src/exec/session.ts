/**
 * Runs a command in an instance. LXD makes an operation and waits for a websocket for each fd; the command starts when they are
 * connected. Its end shows in three places, in any order: each output stream ends, the control socket is dropped, and the operation
 * ends with the exit code. Only the operation counts as the end; only the streams' own ends end the streams, so that no byte is lost.
 *
 * Nothing here may log: operations of execs hold environments and secrets.
 */
import { Readable } from "node:stream";
import type { ExecExit, ExecOptions, ExecSession } from "../api/exec.ts";
import type { CallOptions } from "../api/options.ts";
import type { Context } from "../context.ts";
import { isLxdError, LxdError } from "../errors.ts";
import { start } from "../operations/run.ts";
import { path } from "../resources/access.ts";
import type { InstanceExecPost } from "../schema/exec.ts";
import type { Operation } from "../schema/operation.ts";
import { abortError, onAbort } from "../transport/abort.ts";
import { sendControl, windowResize } from "./control.ts";
import { exitOf } from "./exit.ts";
import { writableTo } from "./input.ts";
import { onBarrier } from "./output.ts";
import { type FdSockets, openFds } from "./sockets.ts";

export async function execSession(
  context: Context,
  instance: string,
  exec: ExecOptions,
  options: CallOptions | undefined,
): Promise<ExecSession> {
  const request = { method: "POST", path: path("instances", instance, "exec"), body: execBody(exec) } as const;
  const operation = await start(context, request, options);
  const fds = await openFds(context, operation);
  const session = attach(
    context,
    operation,
    fds,
    exec.interactive ?? false,
    `${request.method} ${request.path}`,
    options,
  );
  try {
    await fds.opened;
    return session;
  } catch (error) {
    await session.close();
    if (options?.signal?.aborted) throw abortError(options.signal, request.path);
    // If LXD gave the operation up, that says more than the sockets that it cut.
    const reason: unknown = await session.exit.catch((failure: unknown) => failure);
    throw isLxdError(reason) && reason.code !== "cancelled" ? reason : error;
  }
}

function execBody(exec: ExecOptions): InstanceExecPost {
  const { command, environment, user, group, cwd, interactive, width, height } = exec;
  return {
    command: [...command],
    environment: { ...environment },
    user,
    group,
    cwd,
    width,
    height,
    interactive: interactive ?? false,
    "wait-for-websocket": true,
  };
}

function attach(
  context: Context,
  operation: Operation,
  fds: FdSockets,
  interactive: boolean,
  label: string,
  options: CallOptions | undefined,
): ExecSession {
  const stopWaiting = new AbortController();
  const exit = ended(context, operation, label, stopWaiting.signal);
  const { input, control, stdout, stderr = Readable.from([]) } = fds;
  const stdin = writableTo(input, { frameBytes: context.limits.execFrameBytes, sendsEnd: !interactive });
  // LXD waits for this before it ends the operation of a terminal.
  if (interactive) onBarrier(input, () => input.close());

  const end = (reason: LxdError) => {
    if (stopWaiting.signal.aborted) return;
    // Losing the control socket is what makes LXD kill the command.
    fds.terminate();
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    stopWaiting.abort(reason);
  };
  const closeError = () => new LxdError("cancelled", `${label}: the session was closed`, { request: label });
  const release = context.lifetime.addSession(() => end(closeError()));
  const { signal } = options ?? {};
  const unlisten = onAbort(signal, () => signal && end(abortError(signal, label)));
  const settled = exit.then(
    () => control?.close(),
    () => fds.terminate(),
  );
  void settled.finally(() => (unlisten(), release()));

  const close = async () => {
    end(closeError());
    await settled;
  };
  return {
    id: operation.id,
    stdin,
    stdout,
    stderr,
    exit,
    resize: (width, height) => sendControl(interactive ? control : undefined, windowResize(width, height)),
    signal: (signal) => sendControl(control, { command: "signal", signal }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** `signal` is ours: its reason is the error to reject with. */
async function ended(context: Context, operation: Operation, label: string, signal: AbortSignal): Promise<ExecExit> {
  try {
    return exitOf(label, await context.tracker.waitEnd(operation, { signal }));
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
