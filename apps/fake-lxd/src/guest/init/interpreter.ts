/** Performs the steps of an init program on its process. Its machine code is a loop over the table; this is that loop. */
import { ExitRequest, isControl } from "../core/control.ts";
import { Errno } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import { SIGSEGV } from "../core/signals.ts";
import type { InitCall } from "./arguments.ts";
import { initCalls } from "./calls.ts";
import type { InitImage, InitStep } from "./image.ts";
import { callName } from "./numbers.ts";

const nextStep = 0xffff_ffff_ffff_ffffn;

export async function runInitProgram(process: Process, image: InitImage): Promise<number> {
  for (let index = 0; ; ) {
    // Past the table there is no code to run.
    if (index >= image.stepCount) return crash(process);
    index = await runStep(process, image, index);
  }
}

async function runStep(process: Process, image: InitImage, index: number): Promise<number> {
  const step = image.step(index);
  const value = await perform(process, image, step);
  if (step.result !== 0n) image.memory.setU64(step.result, BigInt(value));
  const failed = value < 0 && value >= -4095;
  // An ignored error leaves no trace.
  if (failed && step.onError !== nextStep) image.fail(-value, index);
  const next = failed ? step.onError : step.onSuccess;
  return next === nextStep ? index + 1 : Number(next);
}

/** The call's return value, negative errno on failure. */
async function perform(process: Process, image: InitImage, step: InitStep): Promise<number> {
  try {
    await process.call();
    const name = callName(image.machine, step.nr);
    const call: InitCall | undefined = name && initCalls[name];
    if (!call) throw new Errno("ENOSYS");
    const args = step.args.map((arg, bit) => (step.indirect & (1 << bit) ? image.memory.u64(arg) : arg));
    return await call(process, args, image);
  } catch (error) {
    if (isControl(error) || !(error instanceof Errno)) throw error;
    return -error.number;
  }
}

function crash(process: Process): never {
  process.end({ signal: SIGSEGV });
  throw new ExitRequest(0);
}
