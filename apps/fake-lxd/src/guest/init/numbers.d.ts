/** System call numbers and open flags of the two machines. */
export type CallName =
  | "openat"
  | "dup3"
  | "close"
  | "write"
  | "mkdirat"
  | "unlinkat"
  | "chdir"
  | "fcntl"
  | "ioctl"
  | "socket"
  | "connect"
  | "setsid"
  | "umask"
  | "setgroups"
  | "setresgid"
  | "setresuid"
  | "prctl"
  | "capset"
  | "rt_sigaction"
  | "wait4"
  | "kill"
  | "getpid"
  | "ppoll"
  | "execve"
  | "exit_group";
declare const names: {
  x86_64: Map<number, CallName>;
  aarch64: Map<number, CallName>;
};
export type InitMachine = keyof typeof names;
export declare function callName(machine: InitMachine, nr: number): CallName | undefined;
export declare function callNumber(machine: InitMachine, name: CallName): number;
/** aarch64 numbers four open flags in another way; the guest kernel uses those of x86_64. */
export declare function openFlags(machine: InitMachine, flags: number): number;
export {};
