/** System call numbers and open flags of the two machines. */

export type CallName =
  | "openat"
  | "dup3"
  | "close"
  | "close_range"
  | "read"
  | "write"
  | "mkdirat"
  | "mount_setattr"
  | "unlinkat"
  | "chdir"
  | "fcntl"
  | "ioctl"
  | "fchown"
  | "socket"
  | "bind"
  | "listen"
  | "accept4"
  | "connect"
  | "sendmsg"
  | "recvmsg"
  | "recvfrom"
  | "shutdown"
  | "setsockopt"
  | "clone"
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

const x86: Record<CallName, number> = {
  openat: 257,
  dup3: 292,
  close: 3,
  close_range: 436,
  read: 0,
  write: 1,
  mkdirat: 258,
  mount_setattr: 442,
  unlinkat: 263,
  chdir: 80,
  fcntl: 72,
  ioctl: 16,
  fchown: 93,
  socket: 41,
  bind: 49,
  listen: 50,
  accept4: 288,
  connect: 42,
  sendmsg: 46,
  recvmsg: 47,
  recvfrom: 45,
  shutdown: 48,
  setsockopt: 54,
  clone: 56,
  setsid: 112,
  umask: 95,
  setgroups: 116,
  setresgid: 119,
  setresuid: 117,
  prctl: 157,
  capset: 126,
  rt_sigaction: 13,
  wait4: 61,
  kill: 62,
  getpid: 39,
  ppoll: 271,
  execve: 59,
  exit_group: 231,
};

const arm: Record<CallName, number> = {
  openat: 56,
  dup3: 24,
  close: 57,
  close_range: 436,
  read: 63,
  write: 64,
  mkdirat: 34,
  mount_setattr: 442,
  unlinkat: 35,
  chdir: 49,
  fcntl: 25,
  ioctl: 29,
  fchown: 55,
  socket: 198,
  bind: 200,
  listen: 201,
  accept4: 242,
  connect: 203,
  sendmsg: 211,
  recvmsg: 212,
  recvfrom: 207,
  shutdown: 210,
  setsockopt: 208,
  clone: 220,
  setsid: 157,
  umask: 166,
  setgroups: 159,
  setresgid: 149,
  setresuid: 147,
  prctl: 167,
  capset: 91,
  rt_sigaction: 134,
  wait4: 260,
  kill: 129,
  getpid: 172,
  ppoll: 73,
  execve: 221,
  exit_group: 94,
};

function byNumber(table: Record<CallName, number>): Map<number, CallName> {
  return new Map(Object.entries(table).map(([name, number]) => [number, name as CallName]));
}

const names = { x86_64: byNumber(x86), aarch64: byNumber(arm) };
const numbers = { x86_64: x86, aarch64: arm };

export type InitMachine = keyof typeof names;

export function callName(machine: InitMachine, nr: number): CallName | undefined {
  return names[machine].get(nr);
}

export function callNumber(machine: InitMachine, name: CallName): number {
  return numbers[machine][name];
}

/** aarch64 numbers four open flags in another way; the guest kernel uses those of x86_64. */
export function openFlags(machine: InitMachine, flags: number): number {
  if (machine === "x86_64") return flags;
  const kept = flags & ~(0o40000 | 0o100000 | 0o200000 | 0o400000);
  const directory = flags & 0o40000 ? 0o200000 : 0;
  const noFollow = flags & 0o100000 ? 0o400000 : 0;
  return kept | directory | noFollow;
}
