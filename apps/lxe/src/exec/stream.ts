/**
 * Runs a command in a container while a client is there: its streams are LXD's websockets, a terminal is made by LXD. Owns
 * how the two are joined; what the client speaks is the streaming server's business.
 */

import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ExecRequest, UnknownError } from "@lxe/cri";
import type { ExecSession as ClientSession } from "@lxe/cri/streaming";
import type { ExecSession as CommandSession } from "@lxe/lxd-client";
import { INSIDE } from "../init/app.ts";
import { execProgram } from "../init/exec.ts";
import type { ContainerRecord } from "../model/records.ts";
import { execProcess } from "../translate/container-instance.ts";
import { commandName, killSession, machineOf, placeProgram, type RunContext, startAs, startedOf } from "./program.ts";

/**
 * Resolves when the client was told how the command ended, or has gone: then the command and its session are killed.
 * @throws UnknownError when the command could not be started.
 */
export async function streamExec(
  context: RunContext,
  container: ContainerRecord,
  request: ExecRequest,
  client: ClientSession,
  signal: AbortSignal,
): Promise<void> {
  const machine = machineOf(container);
  const name = commandName(context);
  const spec = execProcess(container, request.cmd, { terminal: request.tty });
  const program = execProgram(machine, spec, { name, output: request.tty ? "terminal" : "streams" });
  const path = join(context.paths.container(container.instance).directory, name);
  await using listener = await context.initSockets.listen(`${path}.sock`);
  await using _file = await placeProgram(context, container, name, program);
  await using command = await context.lxd.instances.exec(container.instance, {
    command: [`${INSIDE}/${name}`],
    interactive: request.tty,
    ...startAs(container),
  });
  const end = async (): Promise<void> => {
    await killSession(context, container, machine, listener);
    await command.close();
  };
  const leave = (): void => void end();
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  try {
    const output = joinStreams(client, command, request.tty);
    const exit = await command.exit;
    await output;
    const started = await startedOf(context, { program, machine, command: request.cmd[0] }, listener, signal);
    if (exit.error !== undefined && !started) throw new UnknownError(`LXD could not run the command: ${exit.error}`);
    await client.finish({ exitCode: exit.code });
  } catch (error) {
    if (!signal.aborted) throw error;
    // nobody is left to be told; the session is gone before its files are
    await command.exit.catch(() => undefined);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** Resolves when all output of the command is with the client. */
async function joinStreams(client: ClientSession, command: CommandSession, tty: boolean): Promise<void> {
  if (client.stdin) client.stdin.on("error", () => undefined).pipe(command.stdin);
  else if (!tty) command.stdin.end();
  if (client.resize) void passSizes(client.resize, command);
  await Promise.all([pass(command.stdout, client.stdout), pass(command.stderr, client.stderr)]);
}

/** What nobody wants is read all the same: the command is not to wait for it. */
async function pass(from: Readable, to: Writable | undefined): Promise<void> {
  if (to) return pipeline(from, to, { end: false }).catch(() => void from.resume());
  from.resume();
  if (!from.readableEnded && !from.destroyed) await once(from, "close");
}

async function passSizes(sizes: NonNullable<ClientSession["resize"]>, command: CommandSession): Promise<void> {
  // a command that has ended has no size any more
  for await (const { width, height } of sizes) await command.resize(width, height).catch(() => undefined);
}
