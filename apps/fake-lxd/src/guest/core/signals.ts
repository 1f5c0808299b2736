/** Signal numbers, names and default actions (Linux, x86_64 and aarch64 alike). */

const names = [
  "EXIT",
  "HUP",
  "INT",
  "QUIT",
  "ILL",
  "TRAP",
  "ABRT",
  "BUS",
  "FPE",
  "KILL",
  "USR1",
  "SEGV",
  "USR2",
  "PIPE",
  "ALRM",
  "TERM",
  "STKFLT",
  "CHLD",
  "CONT",
  "STOP",
  "TSTP",
  "TTIN",
  "TTOU",
  "URG",
  "XCPU",
  "XFSZ",
  "VTALRM",
  "PROF",
  "WINCH",
  "POLL",
  "PWR",
  "SYS",
];

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGKILL = 9;
export const SIGPIPE = 13;
export const SIGTERM = 15;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
export const SIGWINCH = 28;
export const SIGSEGV = 11;
export const SIGPWR = 30;
export const SIGRTMIN = 34;
export const SIGRTMAX = 64;

/** `TERM`, `SIGTERM`, `term`, `15`, `RTMIN+3` to a number; undefined when there is no such signal. 0 is `EXIT`. */
export function signalNumber(name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name) <= SIGRTMAX ? Number(name) : undefined;
  const plain = name.toUpperCase().replace(/^SIG/, "");
  const index = names.indexOf(plain);
  if (index >= 0) return index;
  if (plain === "IOT") return 6;
  if (plain === "IO") return 29;
  return realTimeNumber(plain);
}

function realTimeNumber(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (!match) return undefined;
  const offset = Number(match[3] ?? 0) * (match[2] === "-" ? -1 : 1);
  const number = (match[1] === "MIN" ? SIGRTMIN : SIGRTMAX) + offset;
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : undefined;
}

/** Without `SIG`; real-time signals as `RTMIN`, `RTMIN+3`, ... */
export function signalName(number: number): string {
  const known = names[number];
  if (known !== undefined) return known;
  if (number === SIGRTMIN) return "RTMIN";
  if (number === SIGRTMAX) return "RTMAX";
  if (number > SIGRTMIN && number < SIGRTMAX) return `RTMIN+${number - SIGRTMIN}`;
  return String(number);
}

export type DefaultAction = "terminate" | "ignore" | "stop" | "continue";

export function defaultAction(signal: number): DefaultAction {
  switch (signal) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
      return "ignore";
    case SIGCONT:
      return "continue";
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
      return "stop";
    default:
      return "terminate";
  }
}

/** What a shell says when a job ended by a signal. */
export function signalText(signal: number): string {
  const texts: Record<number, string> = {
    1: "Hangup",
    2: "Interrupt",
    3: "Quit",
    4: "Illegal instruction",
    6: "Aborted",
    8: "Floating point exception",
    9: "Killed",
    10: "User defined signal 1",
    11: "Segmentation fault",
    12: "User defined signal 2",
    14: "Alarm clock",
    15: "Terminated",
  };
  return texts[signal] ?? signalName(signal);
}
