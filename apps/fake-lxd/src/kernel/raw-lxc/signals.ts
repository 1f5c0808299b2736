/** Signal names and numbers of Linux, as liblxc takes them. */
import { constants } from "node:os";

const realtimeMin = 34;
const realtimeMax = 64;

/** Number of `SIGTERM`, `SIGRTMIN+3`, `15`; undefined for anything else (a name without SIG, too). */
export function parseSignal(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const known: Record<string, number> = constants.signals;
  if (Object.hasOwn(known, text)) return known[text];
  const [, edge, sign, offset] = /^SIGRT(MIN|MAX)([+-])(\d+)$/.exec(text) ?? [];
  if (edge === undefined) return undefined;
  const base = edge === "MIN" ? realtimeMin : realtimeMax;
  return sign === "+" ? base + Number(offset) : base - Number(offset);
}

const descriptions: Readonly<Record<number, string>> = {
  1: "Hangup",
  2: "Interrupt",
  3: "Quit",
  4: "Illegal instruction",
  5: "Trace/breakpoint trap",
  6: "Aborted",
  7: "Bus error",
  8: "Floating point exception",
  9: "Killed",
  10: "User defined signal 1",
  11: "Segmentation fault",
  12: "User defined signal 2",
  13: "Broken pipe",
  14: "Alarm clock",
  15: "Terminated",
  16: "Stack fault",
  24: "CPU time limit exceeded",
  25: "File size limit exceeded",
  26: "Virtual timer expired",
  27: "Profiling timer expired",
  29: "I/O possible",
  30: "Power failure",
  31: "Bad system call",
};

/** strsignal(): what liblxc's log says. */
export function describeSignal(signal: number): string {
  return (
    descriptions[signal] ??
    (signal >= realtimeMin ? `Real-time signal ${signal - realtimeMin}` : `Unknown signal ${signal}`)
  );
}
