/**
 * A command without a terminal: its streams are named pipes in the container's directory. LXD's websockets lost the whole output of
 * a few short commands; pipes lose nothing, wait for whoever is slow, and can be opened as /dev/stdout.
 */

import type { Socket } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ExecRequest } from "@lxe/cri";
import type { ExecSession } from "@lxe/cri/streaming";
import { imageOf } from "../init/assemble.ts";
import { execProgram, insidePath, loadable } from "../init/exec.ts";
import type { ContainerRecord } from "../model/records.ts";
import { makePipes, openForWriting, type PipeEnd, removePipes } from "../platform/pipes.ts";
import { execProcess } from "../translate/container-instance.ts";
import {
  commandName,
  exitCodeOf,
  killSession,
  machineOf,
  openedStreams,
  type RunContext,
  runLoader,
  startAs,
  startedOf,
  untilAborted,
} from "./program.ts";

/** Also for root, who may have lost the right to open what is another user's, by its group. */
const PIPE_MODE = 0o660;

/**
 * Resolves when the client was told how the command ended, or has gone: then the command and its session are killed.
 * @throws UnknownError when the command could not be started.
 */
export async function execOverPipes(
  context: RunContext,
  container: ContainerRecord,
  request: ExecRequest,
  client: ExecSession,
  signal: AbortSignal,
): Promise<void> {
  const machine = machineOf(container);
  const name = commandName(context);
  const program = execProgram(machine, execProcess(container, request.cmd), {
    stdin: client.stdin ? insidePath(name, "in") : "/dev/null",
    stdout: client.stdout ? insidePath(name, "out") : "/dev/null",
    stderr: client.stderr ? insidePath(name, "err") : "/dev/null",
  });
  const image = imageOf(machine, program);
  using loader = await context.loaders.take(container, machine, image);
  const { listener } = loader;
  const running = runLoader(context, container, loader);
  const path = join(context.paths.container(container.instance).directory, name);
  const making = CommandPipes.make(path, container, client);
  listener.renew(making.then(() => loadable(image)));
  await using pipes = await making;
  const runAll = async (): Promise<number> => {
    // a command that is killed before it has its ends of the pipes never will
    const opened = await openedStreams(context, listener, running, signal);
    const output = opened ? pipes.connect(client) : Promise.resolve();
    const operation = await running;
    await output;
    const command = { program, machine, command: request.cmd[0] };
    return exitCodeOf(operation, await startedOf(context, command, listener, signal));
  };
  try {
    const exitCode = await untilAborted(runAll(), signal, () => killSession(context, container, machine, listener));
    await client.finish({ exitCode });
  } catch (error) {
    if (!signal.aborted) throw error; // else nobody is left to be told
  }
}

interface InputEnds {
  readonly reading: PipeEnd;
  readonly writing: PipeEnd;
}

/** The pipes of one command, and lxe's ends of them. */
class CommandPipes implements AsyncDisposable {
  readonly #paths: readonly string[];
  readonly #stdin: InputEnds | undefined;
  readonly #stdout: PipeEnd | undefined;
  readonly #stderr: PipeEnd | undefined;
  #input: Socket | undefined;

  /** For those streams that the client has. */
  static async make(path: string, container: ContainerRecord, client: ExecSession): Promise<CommandPipes> {
    const names = [
      ...(client.stdin ? ["in" as const] : []),
      ...(client.stdout ? ["out" as const] : []),
      ...(client.stderr ? ["err" as const] : []),
    ];
    const paths = names.map((name) => `${path}.${name}`);
    const { uid } = container.facts.user;
    const owner = { uid, gid: startAs(container).group };
    const ends = await makePipes(paths, { mode: PIPE_MODE, ...(uid + owner.gid > 0 && { owner }) });
    const end = (name: (typeof names)[number]): PipeEnd | undefined => ends[names.indexOf(name)];
    const reading = end("in");
    try {
      const stdin = reading && { reading, writing: await openForWriting(`${path}.in`) };
      return new CommandPipes(paths, stdin, end("out"), end("err"));
    } catch (error) {
      await Promise.all(ends.map((one) => one[Symbol.asyncDispose]()));
      await removePipes(paths);
      throw error;
    }
  }

  private constructor(
    paths: readonly string[],
    stdin: InputEnds | undefined,
    stdout: PipeEnd | undefined,
    stderr: PipeEnd | undefined,
  ) {
    this.#paths = paths;
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** Once the command has its ends open. Resolves when nobody has the outputs open any more and the client has all of them. */
  async connect(client: ExecSession): Promise<void> {
    if (client.stdin && this.#stdin) {
      // the command is the only reader from now on, so that a write after its end fails
      await this.#stdin.reading[Symbol.asyncDispose]();
      this.#input = this.#stdin.writing.writing();
      giveInput(client.stdin, this.#input);
    }
    await Promise.all([pass(this.#stdout, client.stdout), pass(this.#stderr, client.stderr)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#input?.destroy();
    const ends = [this.#stdin?.reading, this.#stdin?.writing, this.#stdout, this.#stderr];
    for (const end of ends) await end?.[Symbol.asyncDispose]();
    await removePipes(this.#paths);
  }
}

/** A command that does not read its input to the end is no failure. */
function giveInput(from: Readable, to: Writable): void {
  pipeline(from, to).catch(() => from.resume());
}

async function pass(from: PipeEnd | undefined, to: Writable | undefined): Promise<void> {
  // a client that has gone reads no more: its command is killed for that, and must not hang in a write until then
  if (from && to) await from.passTo(to);
}
