/**
 * The terminal of a container's app. A holder (`init/terminal-holder.ts`) has its other side, in the sandbox's instance: it appends what
 * the app writes to the file that the log is made from, and types what comes through a named pipe. So all goes on without lxe and
 * LXD, nobody who detaches harms anything, and the app never waits for a reader.
 *
 * The holder listens before the app is started, and ends by itself when nobody has the terminal open any more.
 */

import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { AttachSession } from "@lxe/cri/streaming";
import type { Context } from "../context.ts";
import { INSIDE } from "../init/inside.ts";
import { holderProgram, resizeMessage } from "../init/terminal-holder.ts";
import type { ContainerRecord, SandboxRecord } from "../model/records.ts";
import { hasCode } from "../platform/has-code.ts";
import { makePipes, openForWriting, type PipeEnd, removePipes } from "../platform/pipes.ts";
import { endListener } from "../platform/unix-listener.ts";
import { runInSandbox } from "./in-sandbox.ts";
import { machineOf } from "./program.ts";

type Terminal = Pick<ContainerRecord, "instance" | "config" | "facts">;

/** Only the holder and the app's first program open them, as the container's root. */
const PIPE_MODE = 0o600;
/** Of the holder's program and its socket in the sandbox's `/.lxe`, while it starts. */
const PROGRAM_PREFIX = "terminal-";
const HELD_POLL_MS = 10;
/** The container's processes have ended by then: the holder reads what is left and ends. */
const HELD_POLLS_MAX = 300;

/** Of its own; an image's init has LXC's console instead. */
export function hasTerminal({ config, facts }: Pick<ContainerRecord, "config" | "facts">): boolean {
  return config.tty && facts.type === "app";
}

/** For a container that is being created. */
export async function makeTerminal({ paths }: Pick<Context, "paths">, container: Terminal): Promise<void> {
  if (!hasTerminal(container)) return;
  const { stdin, resize } = paths.container(container.instance);
  await removePipes([stdin, resize]); // of a creation that was not finished
  for (const end of await makePipes([stdin, resize], { mode: PIPE_MODE })) await end[Symbol.asyncDispose]();
}

/** Before the app starts. Dispose of what it returns when the app has what it needs, or never will. */
export async function holdTerminal(
  context: Pick<Context, "lxd" | "files" | "paths">,
  sandbox: SandboxRecord,
  container: ContainerRecord,
): Promise<AsyncDisposable | undefined> {
  if (!hasTerminal(container)) return undefined;
  const { files, paths } = context;
  const { holderSocket } = paths.container(container.instance);
  const name = `${PROGRAM_PREFIX}${container.instance}`;
  const program = join(paths.pod(sandbox.instance).inside, name);
  const listening = `${program}.sock`;
  await endListener(listening); // of a start that was not finished
  await endListener(holderSocket);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => endListener(listening));
  undo.defer(() => files.removeTree(program));
  await runInSandbox(context, sandbox.instance, {
    name,
    program: holderProgram(machineOf(container), `${INSIDE}/${name}.sock`),
  });
  await rename(listening, holderSocket);
  // once it serves the app it cannot be reached there any more
  return { [Symbol.asyncDispose]: () => endListener(holderSocket) };
}

/** One that waits for an app which will not come. That there is none is fine. */
export async function endHolder({ paths }: Pick<Context, "paths">, instance: string): Promise<void> {
  await endListener(paths.container(instance).holderSocket);
}

/** What a holder that was being started left in a sandbox's `/.lxe`: its app was not started yet. */
export async function endHoldersIn({ files }: Pick<Context, "files">, inside: string): Promise<void> {
  for (const name of (await files.list(inside)).filter((one) => one.startsWith(PROGRAM_PREFIX))) {
    const path = join(inside, name);
    if (name.endsWith(".sock")) await endListener(path);
    else await files.removeTree(path);
  }
}

/** For a container that has ended: when all that its app wrote is in the file. */
export async function terminalEnded(
  { paths, clock, log }: Pick<Context, "paths" | "clock" | "log">,
  container: Terminal,
): Promise<void> {
  if (!hasTerminal(container)) return;
  const { stdin } = paths.container(container.instance);
  for (let polls = 0; polls < HELD_POLLS_MAX; polls++) {
    if (!(await isRead(stdin))) return;
    await clock.sleep(HELD_POLL_MS);
  }
  log.warn({ container: container.instance }, "somebody still has the terminal of a container that has ended");
}

async function isRead(pipe: string): Promise<boolean> {
  const end = await openEnd(pipe);
  await end?.[Symbol.asyncDispose]();
  return end !== undefined;
}

/** Undefined when nobody reads there. */
async function openEnd(pipe: string): Promise<PipeEnd | undefined> {
  try {
    return await openForWriting(pipe);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENXIO")) throw error;
    return undefined;
  }
}

/** Gives the terminal the sizes of a client's, the newest of all clients winning. Resolves when there are no more. */
export async function passSizes(
  { paths }: Pick<Context, "paths">,
  container: Terminal,
  sizes: NonNullable<AttachSession["resize"]>,
): Promise<void> {
  const to = (
    hasTerminal(container) ? await openEnd(paths.container(container.instance).resize) : undefined
  )?.writing();
  to?.on("error", () => undefined); // the app has ended
  for await (const { width, height } of sizes) if (to && !to.destroyed) to.write(resizeMessage(width, height));
  to?.destroy();
}
