/**
 * The standard input of an app: a named pipe in the container's directory. It stays open whoever is attached, or
 * nobody, and whether lxe runs or not:
 *
 *   stdin        the app's own descriptor has both ends, so there is no end of input
 *   stdin_once   a process of its own holds the writing end until the input of the first client has ended
 *   in a terminal, the pipe leads to the holder, which has both ends; its input ends by what is typed
 *
 * The pipe's name is removed when its input has ended: that is what tells so after a restart.
 */

import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Context } from "../context.ts";
import type { ContainerRecord } from "../model/records.ts";
import { hasCode } from "../platform/has-code.ts";
import { holdOpen, letGo } from "../platform/hold-pipe.ts";
import { makePipes, openForReading, openForWriting, type PipeEnd, removePipes } from "../platform/pipes.ts";

type InputContext = Pick<Context, "files" | "paths">;
type InputContainer = Pick<ContainerRecord, "instance" | "config" | "facts">;

const PIPE_MODE = 0o660;

export type InputKind = "none" | "open" | "once" | "terminal";

export function inputKind({ config, facts }: Pick<ContainerRecord, "config" | "facts">): InputKind {
  if (facts.type === "system" || !config.stdin) return "none";
  if (config.tty) return "terminal";
  return config.stdinOnce ? "once" : "open";
}

/** For a container that is being created. A terminal's is made with it. */
export async function makeInput({ paths }: Pick<InputContext, "paths">, container: InputContainer): Promise<void> {
  const kind = inputKind(container);
  if (kind === "none" || kind === "terminal") return;
  const { stdin } = paths.container(container.instance);
  const { uid } = container.facts.user;
  await removePipes([stdin]); // of a creation that was not finished
  const [end] = await makePipes([stdin], { mode: PIPE_MODE, ...(uid > 0 && { owner: { uid, gid: 0 } }) });
  await end?.[Symbol.asyncDispose]();
}

/** Before the app starts; keep what it returns until it runs, so that its opening of the pipe waits for nobody. */
export async function holdInput(
  { files, paths }: InputContext,
  container: InputContainer,
): Promise<AsyncDisposable | undefined> {
  if (inputKind(container) !== "once") return undefined;
  const { stdin, stdinHold } = paths.container(container.instance);
  await files.makeDirectory(paths.holds, 0o700);
  await letGo(stdinHold); // of a start that was not finished
  const [hold] = await makePipes([stdinHold], { mode: 0o600 });
  await hold?.[Symbol.asyncDispose]();
  await using undo = new AsyncDisposableStack();
  undo.use(await openForReading(stdin));
  await holdOpen(undo.use(await openForWriting(stdin)), stdinHold);
  return undo.move();
}

/**
 * Gives a client's input to the app, and with `stdin_once` the end of it, unless it is told to stop. Does not reject for what the app or
 * the client does.
 */
export async function giveInput(
  context: InputContext,
  container: InputContainer,
  from: Readable,
  stop: AbortSignal,
): Promise<void> {
  const end = await openInput(context, container);
  if (!end) return void from.resume();
  const to = end.writing();
  try {
    await pipeline(from, to, { signal: stop });
  } catch {
    from.resume(); // the app reads no more
  }
  if (!stop.aborted) await endInput(context, container);
}

/** Undefined when there is nobody to read it. */
async function openInput({ paths }: InputContext, container: InputContainer): Promise<PipeEnd | undefined> {
  if (inputKind(container) === "none") return undefined;
  try {
    return await openForWriting(paths.container(container.instance).stdin);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENXIO")) throw error;
    return undefined;
  }
}

/** The app reads what is in the pipe, then the end. Also for a container that has ended: nothing is to be held for it. */
export async function endInput({ paths }: Pick<InputContext, "paths">, container: InputContainer): Promise<void> {
  if (inputKind(container) !== "once") return;
  const { stdin, stdinHold } = paths.container(container.instance);
  await removePipes([stdin]);
  await letGo(stdinHold);
}

/** Goes on with what a kill of lxe has interrupted. */
export async function recoverInput(context: InputContext, container: InputContainer): Promise<void> {
  if (inputKind(container) !== "once") return;
  if ((await context.files.stat(context.paths.container(container.instance).stdin)) === undefined)
    await endInput(context, container);
}
