/** Attaches to an instance's console. */
import type { ConsoleOptions, ConsoleSession } from "../api/exec.ts";
import type { CallOptions } from "../api/options.ts";
import type { Context } from "../context.ts";
import { start } from "../operations/run.ts";
import { path } from "../resources/access.ts";
import type { InstanceConsolePost } from "../schema/exec.ts";
import { abortError, onAbort } from "../transport/abort.ts";
import { sendControl, windowResize } from "./control.ts";
import { writableTo } from "./input.ts";
import { type FdSockets, openFds } from "./sockets.ts";

export async function consoleSession(
  context: Context,
  instance: string,
  settings: ConsoleOptions | undefined,
  options: CallOptions | undefined,
): Promise<ConsoleSession> {
  const body: InstanceConsolePost = {
    ...settings,
    width: settings?.width ?? 80,
    height: settings?.height ?? 24,
    type: "console",
  };
  const request = { method: "POST", path: path("instances", instance, "console"), body } as const;
  const fds = await openFds(context, await start(context, request, options));
  const session = attach(context, fds, options);
  try {
    await fds.opened;
    return session;
  } catch (error) {
    await session.close();
    if (options?.signal?.aborted) throw abortError(options.signal, request.path);
    throw error;
  }
}

/** The operation's end is of no interest: LXD calls it a failure when a client just leaves. */
function attach(context: Context, fds: FdSockets, options: CallOptions | undefined): ConsoleSession {
  const { input: tty, control, stdout } = fds;
  const stdin = writableTo(tty, { frameBytes: context.limits.execFrameBytes, sendsEnd: false });
  const closed = new Promise<void>((resolve) => tty.once("close", () => resolve()));
  const end = () => {
    fds.terminate();
    stdin.destroy();
    stdout.destroy();
  };
  const release = context.lifetime.addSession(end);
  const unlisten = onAbort(options?.signal, end);
  tty.once("close", () => {
    control?.close();
    unlisten();
    release();
  });
  const close = async () => {
    end();
    await closed;
  };
  return {
    stdin,
    stdout,
    closed,
    resize: (width, height) => sendControl(control, windowResize(width, height)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
