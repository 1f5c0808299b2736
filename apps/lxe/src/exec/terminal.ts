/**
 * A command in a terminal, which LXD makes; it travels over LXD's websockets. LXD loses what is on its way when the terminal's
 * last process ends, so a process of ours stays in it until all has come: a mark that it writes last says so.
 */

import { join } from "node:path";
import { finished, pipeline } from "node:stream/promises";
import { type ExecRequest, UnknownError } from "@lxe/cri";
import type { ExecSession as ClientSession } from "@lxe/cri/streaming";
import type { ExecSession as CommandSession } from "@lxe/lxd-client";
import { INSIDE } from "../init/inside.ts";
import { terminalProgram } from "../init/exec.ts";
import type { ContainerRecord } from "../model/records.ts";
import { execProcess } from "../translate/container-instance.ts";
import {
  commandName,
  killSession,
  machineOf,
  placeProgram,
  type RunContext,
  startAs,
  statusOf,
  untilAborted,
} from "./program.ts";
import { UntilMark } from "./until-mark.ts";

const MARK_DIGITS = 32;

/**
 * Resolves when the client was told how the command ended, or has gone: then the command and its session are killed.
 * @throws UnknownError when the command could not be started.
 */
export async function execInTerminal(
  context: RunContext,
  container: ContainerRecord,
  request: ExecRequest,
  client: ClientSession,
  signal: AbortSignal,
): Promise<void> {
  const machine = machineOf(container);
  const name = commandName(context);
  // begins with what terminals are seldom sent, so that hardly anything is held back
  const endMark = Buffer.from(`\0${context.random.hex(MARK_DIGITS)}`);
  const program = terminalProgram(machine, execProcess(container, request.cmd, { terminal: true }), { name, endMark });
  const path = join(context.paths.container(container.instance).directory, name);
  await using listener = await context.initSockets.listen(`${path}.sock`);
  await using _file = await placeProgram(context, container, name, program);
  await using command = await context.lxd.instances.exec(container.instance, {
    command: [`${INSIDE}/${name}`],
    interactive: true,
    ...startAs(container),
  });
  command.exit.catch(() => undefined); // closing it is no failure
  const runAll = async (): Promise<number> => {
    const output = new UntilMark(endMark);
    giveInput(client, command);
    // LXD's stream goes on until the process of ours lets go, which comes after the mark
    command.stdout.on("error", (error) => output.destroy(error)).pipe(output);
    await deliver(output, client);
    if (output.seen) return statusOf(context, { program, machine, command: request.cmd[0] }, listener, signal);
    // it was killed with all of its terminal
    const { code, error } = await command.exit;
    if (error !== undefined) throw new UnknownError(`LXD could not run the command: ${error}`);
    return code;
  };
  try {
    const exitCode = await untilAborted(runAll(), signal, () => killSession(context, container, machine, listener));
    await client.finish({ exitCode });
  } catch (error) {
    if (!signal.aborted) throw error; // else nobody is left to be told
  }
}

/** Resolves at the mark. What nobody wants is read all the same: the command is not to wait for it. */
async function deliver(output: UntilMark, { stdout }: ClientSession): Promise<void> {
  const ended = finished(output, { writable: false });
  if (stdout) await pipeline(output, stdout, { end: false }).catch(() => output.resume());
  else output.resume();
  await ended;
}

function giveInput(client: ClientSession, command: CommandSession): void {
  client.stdin?.on("error", () => undefined).pipe(command.stdin);
  if (client.resize) void passSizes(client.resize, command);
}

async function passSizes(sizes: NonNullable<ClientSession["resize"]>, command: CommandSession): Promise<void> {
  // a command that has ended has no size any more
  for await (const { width, height } of sizes) await command.resize(width, height).catch(() => undefined);
}
