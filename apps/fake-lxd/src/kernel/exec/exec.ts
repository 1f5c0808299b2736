/** Running a command in an instance, in its three ways: over websockets, recorded, or with no output at all. */
import { Writable } from "node:stream";
import { type GuestExit, GuestExecError, type GuestExecSpec, type GuestProcess } from "../../guest/types.ts";
import { websocketConnectMs } from "../../limits.ts";
import type { Daemon } from "../daemon.ts";
import { badRequest, failure } from "../errors.ts";
import { expandedConfig } from "../instances/expand.ts";
import type { Machine } from "../instances/machine.ts";
import { instanceResources, instanceUrl } from "../instances/view.ts";
import { LogStore } from "../logs.ts";
import type { Operation, OperationSocket } from "../operations.ts";
import type { InstanceRecord } from "../records.ts";
import { execEnvironment } from "./environment.ts";
import { readableFrom, writableTo } from "./socket-streams.ts";
import { Sockets } from "./sockets.ts";

export interface ExecRequest {
  command: string[];
  environment: Record<string, string>;
  waitForWebsocket: boolean;
  recordOutput: boolean;
  interactive: boolean;
  width: number;
  height: number;
  user: number;
  group: number;
  cwd: string;
}

const sigkill = 9;

/** Throws 400 unless commands can run in it. */
export function runningMachine(instance: InstanceRecord): Machine {
  const { machine } = instance;
  if (machine === null || machine.phase === "stopping") throw badRequest("Instance is not running");
  if (machine.phase === "frozen") throw badRequest("Instance is frozen");
  return machine;
}

function exitStatus(exit: GuestExit): number {
  return "code" in exit ? exit.code : 128 + exit.signal;
}

interface Run {
  daemon: Daemon;
  instance: InstanceRecord;
  machine: Machine;
  request: ExecRequest;
  environment: Record<string, string>;
}

type Stdio = Pick<GuestExecSpec, "stdin" | "stdout" | "stderr">;

/** Starts the command; a daemon that dies takes it with it. */
async function launch(run: Run, stdio: Stdio): Promise<GuestProcess> {
  const { request, machine, daemon, instance } = run;
  if (request.command.length === 0) throw failure("Failed to retrieve PID of executing child process");
  daemon.events.lifecycle(instance.project, {
    action: "instance-exec",
    source: instanceUrl(instance),
    context: { command: request.command },
  });
  const process = await daemon.guard(
    machine.guest.exec({
      argv: request.command,
      env: run.environment,
      cwd: request.cwd || "/",
      uid: request.user,
      gid: request.group,
      ...stdio,
      ...(request.interactive && { tty: { columns: request.width || 80, rows: request.height || 25 } }),
    }),
  );
  const hook = daemon.onDeath(() => process.kill(sigkill));
  void process.exited.then(() => hook[Symbol.dispose]());
  return process;
}

/** LXD 5.0: the command has ended when nobody holds its output any more. */
async function statusOf(run: Run, process: GuestProcess): Promise<number> {
  const exit = await run.daemon.guard(process.exited);
  await run.daemon.guard(process.outputClosed);
  return exitStatus(exit);
}

/** Puts the result into the operation; what could not run at all makes it fail. */
async function finish(operation: Operation, work: () => Promise<number>, more: Record<string, unknown>): Promise<void> {
  try {
    operation.update({ ...more, return: await work() });
  } catch (error) {
    if (!(error instanceof GuestExecError)) throw error;
    const [code, text] = error.code === "ENOENT" ? [127, "Command not found"] : [126, "Command not executable"];
    operation.update({ ...more, return: code });
    throw failure(error.code === "EAGAIN" ? error.message : text);
  }
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

function logWriter(run: Run, file: string): Writable {
  const directory = LogStore.directoryOf(run.instance.project, run.instance.name);
  run.daemon.world.logs.write(directory, file, "");
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      run.daemon.world.logs.append(directory, file, chunk);
      done();
    },
  });
}

async function runTask(run: Run, operation: Operation): Promise<void> {
  if (!run.request.recordOutput) {
    const stdio = { stdin: null, stdout: nowhere(), stderr: nowhere() };
    await finish(operation, async () => statusOf(run, await launch(run, stdio)), {});
    return;
  }
  const files = { 1: `exec_${operation.id}.stdout`, 2: `exec_${operation.id}.stderr` };
  const stdio = { stdin: null, stdout: logWriter(run, files[1]), stderr: logWriter(run, files[2]) };
  const url = (file: string) => `/1.0/instances/${run.instance.name}/logs/${file}`;
  const output = { 1: url(files[1]), 2: url(files[2]) };
  await finish(operation, async () => statusOf(run, await launch(run, stdio)), { output });
}

/** Where control messages and lost connections go once there is a process. */
class Controller {
  #process: GuestProcess | undefined;
  #pending: ((process: GuestProcess) => void)[] = [];
  #isOver = false;

  drive(process: GuestProcess): void {
    this.#process = process;
    for (const action of this.#pending) action(process);
    this.#pending = [];
  }

  /** The command has ended: sockets that close from now on mean nothing. */
  stop(): void {
    this.#isOver = true;
  }

  lost(): void {
    if (!this.#isOver) this.#do((process) => process.kill(sigkill));
  }

  message(text: string): void {
    let message: { command?: unknown; args?: Record<string, unknown>; signal?: unknown };
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      return;
    }
    if (message.command === "window-resize") {
      const { width, height } = message.args ?? {};
      this.#do((process) => process.resize(Number(width), Number(height)));
    } else if (message.command === "signal" && typeof message.signal === "number") {
      const { signal } = message;
      this.#do((process) => process.kill(signal));
    }
  }

  #do(action: (process: GuestProcess) => void): void {
    if (this.#process === undefined) this.#pending.push(action);
    else action(this.#process);
  }
}

function listenForControl(socket: OperationSocket, controller: Controller): void {
  socket.onMessage((message) => {
    if ("text" in message) controller.message(message.text);
    else if ("closed" in message) controller.lost();
    else controller.message(Buffer.from(message.binary).toString());
  });
}

interface Session {
  sockets: Sockets;
  controller: Controller;
  stdio: Stdio;
  /** Resolves when the client has closed, or ended, the terminal's socket. */
  clientLeft: Promise<void>;
}

/** Streams exist before their sockets do: a client may send before everything is connected. */
function openSession(run: Run): Session {
  const { interactive } = run.request;
  const controller = new Controller();
  const left = Promise.withResolvers<void>();
  const names = interactive ? ["0", "control"] : ["0", "1", "2", "control"];
  const required = interactive ? ["0", "control"] : ["0", "1", "2"];
  let input: ReturnType<typeof readableFrom> | undefined;
  const sockets: Sockets = new Sockets(run.daemon.world.random, names, required, (name, socket) => {
    if (name === "control") listenForControl(socket, controller);
    else if (name === "0") input = readableFrom(socket, () => left.resolve());
    else {
      // Without control, anything read on stdout's socket means that the client is gone.
      socket.onMessage(() => {
        if (name === "1" && sockets.get("control") === undefined) controller.lost();
      });
    }
  });
  const out = writableTo(() => sockets.get(interactive ? "0" : "1"));
  const err = interactive ? out : writableTo(() => sockets.get("2"));
  return {
    sockets,
    controller,
    clientLeft: left.promise,
    stdio: {
      get stdin() {
        return input ?? null;
      },
      stdout: out,
      stderr: err,
    },
  };
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableEnded) resolve();
    else stream.end(() => resolve());
  });
}

async function endOutput(socket: OperationSocket | undefined): Promise<void> {
  await socket?.send("").catch(() => undefined);
}

/** Control first, then the barriers, then everything is cut without a close frame. */
async function closeSession(run: Run, session: Session): Promise<void> {
  const { sockets, stdio } = session;
  session.controller.stop();
  await run.daemon.guard(Promise.all([flushed(stdio.stdout), flushed(stdio.stderr)]));
  sockets.get("control")?.cut();
  const outputs = run.request.interactive ? ["0"] : ["1", "2"];
  await run.daemon.guard(Promise.all(outputs.map((name) => endOutput(sockets.get(name)))));
  if (run.request.interactive) await run.daemon.guard(session.clientLeft);
  sockets.cutAll();
}

async function runSession(run: Run, session: Session, operation: Operation): Promise<void> {
  const { clock } = run.daemon.world;
  if (!(await run.daemon.guard(session.sockets.allConnected(clock, websocketConnectMs)))) {
    session.sockets.cutAll();
    throw failure("Timed out waiting for websockets to connect");
  }
  const work = async () => {
    try {
      const { stdin, stdout, stderr } = session.stdio;
      const process = await launch(run, { stdin, stdout, stderr });
      session.controller.drive(process);
      return await statusOf(run, process);
    } finally {
      await closeSession(run, session);
    }
  };
  await finish(operation, work, {});
}

/** The operation's resources name the instance; its metadata carry the secrets of the websockets. */
export async function execInstance(daemon: Daemon, instance: InstanceRecord, request: ExecRequest): Promise<Operation> {
  const machine = runningMachine(instance);
  const config = expandedConfig(daemon.world, instance);
  const environment = await execEnvironment(config, request.environment, request.user, machine.guest.files);
  const run: Run = { daemon, instance, machine, request, environment };
  const common = {
    project: instance.project,
    description: "Executing command",
    resources: instanceResources(instance.name),
  };
  if (!request.waitForWebsocket) {
    return daemon.operations.create({ ...common, class: "task", run: (operation) => runTask(run, operation) });
  }
  const session = openSession(run);
  return daemon.operations.create({
    ...common,
    class: "websocket",
    metadata: {
      command: request.command,
      environment,
      fds: session.sockets.fds,
      interactive: request.interactive,
    },
    run: (operation) => runSession(run, session, operation),
    connect: session.sockets,
  });
}
