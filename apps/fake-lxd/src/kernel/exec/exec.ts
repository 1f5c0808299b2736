/** Running a command in an instance, in its three ways: over websockets, recorded, or with no output at all. */
import { Writable } from "node:stream";
import { GuestExecError } from "../../guest/types.ts";
import { websocketConnectMs } from "../../limits.ts";
import type { Daemon } from "../daemon.ts";
import { badRequest, failure } from "../errors.ts";
import { expandedConfig, sortedConfig } from "../instances/expand.ts";
import type { Machine } from "../instances/machine.ts";
import { instanceResources } from "../instances/view.ts";
import { LogStore } from "../logs.ts";
import type { Operation } from "../operations.ts";
import type { InstanceRecord } from "../records.ts";
import { execEnvironment } from "./environment.ts";
import { type ExecRequest, launch, type Run, statusOf } from "./run.ts";
import { closeSession, openSession, type Session } from "./session.ts";

/** Throws 400 unless commands can run in it. */
export function runningMachine(instance: InstanceRecord): Machine {
  const { machine } = instance;
  if (machine === null || machine.phase === "stopping") throw badRequest("Instance is not running");
  if (machine.phase === "frozen") throw badRequest("Instance is frozen");
  return machine;
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
  const config = sortedConfig(expandedConfig(daemon.world, instance));
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
