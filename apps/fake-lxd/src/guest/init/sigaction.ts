/**
 * rt_sigaction of init programs. A handler is machine code, which nothing here runs: it is taken to return at once, so its only effect is
 * that sleeping calls fail with EINTR (or go on, with SA_RESTART).
 */
import type { Process } from "../core/process.ts";
import { type InitCall, int, pointer } from "./arguments.ts";

const saRestart = 0x1000_0000n;
const ignored = 1n;

export const rtSigaction: InitCall = (process, [signal, action, old], image) => {
  const number = int(signal);
  if (pointer(old) !== 0n) image.memory.setU64(pointer(old), current(process, number));
  if (pointer(action) === 0n) return 0;
  const handler = image.memory.u64(pointer(action));
  const flags = image.memory.u64(pointer(action) + 8n);
  if (handler === 0n) process.setDisposition(number, "default");
  else if (handler === ignored) process.setDisposition(number, "ignore");
  else process.setDisposition(number, { handler: () => {}, restart: (flags & saRestart) !== 0n });
  return 0;
};

function current(process: Process, signal: number): bigint {
  return process.disposition(signal) === "ignore" ? ignored : 0n;
}
