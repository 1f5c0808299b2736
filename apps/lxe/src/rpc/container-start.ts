/** StartContainer: returns when the app itself runs; why it does not is told by its init program. */

import {
  ContainerState,
  FailedPreconditionError,
  type CallContext,
  type StartContainerRequest,
  type StartContainerResponse,
  UnknownError,
} from "@lxe/cri";
import { isLxdError } from "@lxe/lxd-client";
import { join } from "node:path";
import type { Context } from "../context.ts";
import { holdTerminal } from "../exec/app-terminal.ts";
import { holdInput } from "../exec/input.ts";
import { machineFor } from "../init/machine.ts";
import { readFailure } from "../init/assemble.ts";
import { type ContainerRecord, isReady, isRunning, type SandboxRecord } from "../model/records.ts";
import type { InitListener } from "../platform/init-socket.ts";
import { startInstance } from "../start-instance.ts";
import { forceStop } from "../stop-instance.ts";
import { runsIn } from "../store/codec.ts";
import { startErrorMessage } from "../translate/start-error.ts";
import { sandboxLockOf } from "./sandbox-lock.ts";

const FAILURE_BYTES = 16;
const REPORT_TIMEOUT_MS = 10_000;

export async function startContainer(
  context: Context,
  { containerId }: StartContainerRequest,
  call: CallContext,
): Promise<StartContainerResponse> {
  const found = context.index.container(containerId);
  await context.podLock.run(sandboxLockOf(context, found), async () => {
    const container = context.index.container(found.id);
    if (container.state !== ContainerState.CONTAINER_CREATED) {
      throw new FailedPreconditionError(`container ${container.id} is not in state CREATED: it was started before`);
    }
    const sandbox = context.index.sandbox(container.sandboxId);
    if (!isReady(sandbox))
      throw new FailedPreconditionError(`pod sandbox ${sandbox.id} of container ${container.id} is not ready`);
    await start(context, sandbox, container, call.signal);
  });
  return {};
}

async function start(
  context: Context,
  sandbox: SandboxRecord,
  container: ContainerRecord,
  signal: AbortSignal,
): Promise<void> {
  const { logs, paths, reconciler, initSockets } = context;
  const { ready } = paths.container(container.instance);
  await logs.open(container);
  await using _ = await stageMounts(context, container);
  await using _input = await holdInput(context, container);
  await using _terminal = await holdTerminal(context, sandbox, container);
  await using listener = await initSockets.listen(ready);
  try {
    const { instance } = container;
    await startInstance(context, { instance, cgroupParent: sandbox.config.linux?.cgroupParent ?? "" }, signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    using _undoing = context.index.undoStart(container.id);
    if (await undone(context, container)) return await startFailed(context, container, reason);
    context.log.warn({ err: error, container: container.instance }, "the answer to a start was lost; it came about");
  }
  const report = await reportOf(context, listener, signal);
  if (report.length >= FAILURE_BYTES) {
    await stop(context, container);
    return startFailed(context, container, await initReason(context, container, report));
  }
  await reconciler.read(container.instance);
}

/** Whether the start has failed. LXD may carry it out late, while the stop that is to undo it is lost. */
async function undone(context: Context, container: ContainerRecord): Promise<boolean> {
  if (await runsAllTheSame(context, container)) return false;
  const outcome = await stop(context, container);
  // a stop that hangs will end it, however late: nobody is to count on it by then
  return outcome !== "failed" || !(await runsAllTheSame(context, container));
}

/** Lists may have shown it as running before: then nobody but the kubelet ends it. */
async function runsAllTheSame({ index, lxd }: Context, { id, instance }: ContainerRecord): Promise<boolean> {
  const current = index.findContainer(id);
  if (current && isRunning(current)) return true;
  return lxd.instances.get(instance).then(
    ({ value }) => runsIn(value),
    () => false,
  );
}

/** For as long as LXC needs to make its own mounts of them. */
async function stageMounts({ mounts, paths }: Context, { instance, facts }: ContainerRecord): Promise<AsyncDisposable> {
  const directory = paths.container(instance).mounts;
  for (const [position, source] of Object.entries(facts.staged)) await mounts.bind(source, join(directory, position));
  return { [Symbol.asyncDispose]: () => mounts.release(directory) };
}

/** An init program that cannot reach its socket says nothing; what became of it then shows in the container's state. */
async function reportOf({ clock, log }: Context, listener: InitListener, signal: AbortSignal): Promise<Buffer> {
  const silence = new AbortController();
  const timer = clock.setTimeout(() => silence.abort(), REPORT_TIMEOUT_MS);
  try {
    return await listener.report(AbortSignal.any([signal, silence.signal]));
  } catch (error) {
    if (!silence.signal.aborted) throw error;
    log.warn("an init program did not report; its container is taken as started");
    return Buffer.alloc(0);
  } finally {
    timer.cancel();
  }
}

/** As LXD says. */
function stop({ lxd }: Context, { instance }: ContainerRecord): Promise<"stopped" | "failed" | "unanswered"> {
  return forceStop(lxd, instance).then(
    () => "stopped",
    (error: unknown) => (isLxdError(error, "timeout") ? "unanswered" : "failed"),
  );
}

async function startFailed(context: Context, container: ContainerRecord, reason: string): Promise<never> {
  const message = `failed to start container ${container.config.metadata?.name}: ${reason}`;
  await context.exits.settleStartError(container, message);
  throw new UnknownError(message);
}

async function initReason(
  { files, paths }: Context,
  { instance, facts, config }: ContainerRecord,
  report: Buffer,
): Promise<string> {
  const machine = machineFor(facts.architecture);
  const program = await files.readFile(paths.container(instance).init);
  if (!machine || !program) return "its first process failed";
  const command = config.command[0] ?? config.args[0] ?? "";
  return `${startErrorMessage(readFailure(program, machine, report))}${command ? ` (${JSON.stringify(command)})` : ""}`;
}
