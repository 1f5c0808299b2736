/** Performs the steps of an init program on its process. Its machine code is a loop over the table; this is that loop. */
import { ExitRequest, isControl } from "../core/control.ts";
import { Errno } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import { SIGCHLD, SIGSEGV } from "../core/signals.ts";
import { fork } from "../sys/processes.ts";
import type { InitCall } from "./arguments.ts";
import { initCalls } from "./calls.ts";
import type { InitImage, InitStep } from "./image.ts";
import { callName } from "./numbers.ts";

/** Most calls come back at once: to wait for each of them all the same would take longer than they do. */
export async function runInitProgram(process: Process, image: InitImage, first = 0): Promise<number> {
  for (let index = first; ; ) {
    // Past the table there is no code to run.
    if (index >= image.stepCount) return crash(process);
    const step = image.step(index);
    let value: number;
    try {
      const held = process.enter();
      if (held !== undefined) await held;
      const result = perform(process, image, step, index);
      value = typeof result === "number" ? result : await result;
    } catch (error) {
      if (isControl(error) || !(error instanceof Errno)) throw error;
      value = -error.number;
    }
    index = finish(image, step, index, value);
  }
}

/** Keeps the value, and says which step is next. */
function finish(image: InitImage, step: InitStep, index: number, value: number): number {
  if (step.result !== 0n) image.memory.setU64(step.result, BigInt(value));
  const failed = value < 0 && value >= -4095;
  // An ignored error leaves no trace.
  if (failed && step.onError !== undefined) image.fail(-value, index);
  const succeeded = value === 0 ? (step.onZero ?? step.onSuccess) : step.onSuccess;
  return (failed ? step.onError : succeeded) ?? index + 1;
}

/** The call's return value. */
function perform(process: Process, image: InitImage, step: InitStep, index: number): number | Promise<number> {
  const name = callName(image.machine, step.nr);
  if (name === "clone") return forkProgram(process, image, step, index);
  const call: InitCall | undefined = name && initCalls[name];
  if (!call) throw new Errno("ENOSYS");
  const { args, indirect } = step;
  if (indirect !== 0)
    for (let bit = 0; bit < args.length; bit++)
      if (indirect & (1 << bit)) args[bit] = image.memory.u64(args[bit] ?? 0n);
  return call(process, args, image);
}

/** Only what fork(2) does. The child goes on behind the call, with 0 for its value. */
function forkProgram(process: Process, image: InitImage, step: InitStep, index: number): number {
  if (step.args[0] !== BigInt(SIGCHLD) || step.args[1] !== 0n) throw new Errno("EINVAL");
  const copy = image.copy();
  const child = fork(process, (running) => runInitProgram(running, copy, finish(copy, step, index, 0)), {
    keepHandlers: true,
  });
  return child.pid;
}

function crash(process: Process): never {
  process.end({ signal: SIGSEGV });
  throw new ExitRequest(0);
}
