/** The system calls of init programs, with arguments as the machine passes them. */
import { ExitRequest } from "../core/control.ts";
import { Errno, numberOf } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import { O_CLOEXEC } from "../core/open-file.ts";
import { poll } from "./poll.ts";
import { chdir, mkdir, rmdir, unlink } from "../sys/files.ts";
import { attemptWalk } from "../vfs/walk.ts";
import { setMountAttributes } from "../sys/mounts.ts";
import { openFd, readFd, writeFd } from "../sys/io.ts";
import { execve, kill, setsid, waitFor } from "../sys/processes.ts";
import { capset, prctl, setgroups, setresgid, setresuid } from "./identity.ts";
import { type InitCall, int, pointer } from "./arguments.ts";
import type { InitImage } from "./image.ts";
import { fchown, fcntl, ioctl } from "./descriptors.ts";
import { recvmsg, sendmsg } from "./messages.ts";
import { type CallName, openFlags } from "./numbers.ts";
import { rtSigaction } from "./sigaction.ts";
import { socketCalls } from "./sockets.ts";

const atFdcwd = -100;
const atRemoveDir = 0x200;
const atRecursive = 0x8000;
const closeRangeCloexec = 4;

/** Only the working directory is supported as the start of relative paths: init programs name absolute ones. */
function pathAt(args: bigint[], image: InitImage): string {
  const path = image.memory.text(pointer(args[1]));
  if (!path.startsWith("/") && int(args[0]) !== atFdcwd) throw new Errno("EBADF");
  return path;
}

/** `clone` is the interpreter's own: it is about the program, not only about the process. */
export const initCalls: Record<Exclude<CallName, "clone">, InitCall> = {
  openat: (process, args, image) =>
    openFd(process, pathAt(args, image), openFlags(image.machine, int(args[2])), int(args[3])),
  dup3(process, [from, to, flags]) {
    if (int(from) === int(to)) throw new Errno("EINVAL");
    process.fds.set(int(to), process.fds.get(int(from)), (int(flags) & O_CLOEXEC) !== 0);
    return int(to);
  },
  close(process, [fd]) {
    process.fds.close(int(fd));
    return 0;
  },
  /** Closes at once, or at execve. */
  close_range(process, [first, last, flags]) {
    if (int(flags) !== 0 && int(flags) !== closeRangeCloexec) throw new Errno("EINVAL");
    for (const fd of process.fds.numbers()) {
      if (fd < int(first) || fd > Number(BigInt.asUintN(32, last ?? 0n))) continue;
      if (int(flags) === 0) process.fds.close(fd);
      else process.fds.setCloseOnExec(fd, true);
    }
    return 0;
  },
  async read(process, [fd, buffer, length], image) {
    const data = await readFd(process, int(fd), Number(length));
    data.copy(image.memory.bytes(pointer(buffer), data.length));
    return data.length;
  },
  async write(process, [fd, buffer, length], image) {
    const count = Number(length);
    await writeFd(process, int(fd), Buffer.from(image.memory.bytes(pointer(buffer), count)));
    return count;
  },
  mkdirat(process, args, image) {
    mkdir(process, pathAt(args, image), int(args[2]));
    return 0;
  },
  mount_setattr(process, args, image) {
    const bits = image.memory.u64(pointer(args[3]));
    setMountAttributes(process, pathAt(args, image), bits, (int(args[2]) & atRecursive) !== 0);
    return 0;
  },
  unlinkat(process, args, image) {
    if (int(args[2]) & atRemoveDir) rmdir(process, pathAt(args, image));
    else unlink(process, pathAt(args, image));
    return 0;
  },
  chdir(process, [path], image) {
    chdir(process, image.memory.text(pointer(path)));
    return 0;
  },
  fcntl,
  ioctl,
  fchown,
  ...socketCalls,
  sendmsg,
  recvmsg,
  setsid(process) {
    setsid(process);
    return process.pid;
  },
  umask(process, [mask]) {
    const before = process.umask;
    process.umask = int(mask) & 0o777;
    return before;
  },
  setgroups,
  setresgid,
  setresuid,
  prctl,
  capset,
  rt_sigaction: rtSigaction,
  async wait4(process, [pid, statusAt, options], image) {
    const wanted = int(pid);
    const noHang = (int(options) & 1) !== 0;
    const waited = await waitFor(process, (child) => wanted === -1 || child.pid === wanted, noHang);
    if (!waited) return 0;
    const { status } = waited;
    if (pointer(statusAt) !== 0n)
      image.memory.setU32(pointer(statusAt), "code" in status ? status.code << 8 : status.signal);
    return waited.child.pid;
  },
  kill(process, [pid, signal]) {
    kill(process, int(pid), int(signal));
    return 0;
  },
  getpid: (process) => process.pid,
  ppoll: poll,
  execve(process, [path, argv, env], image) {
    // a program tries each directory of PATH: an answer is faster than an error
    const lost = missing(process, image.memory.text(pointer(path)));
    if (lost !== undefined) return -lost;
    const pairs = image.memory.texts(pointer(env)).map((entry) => splitEntry(entry));
    return execve(process, image.memory.text(pointer(path)), image.memory.texts(pointer(argv)), new Map(pairs));
  },
  exit_group(_process, [code]) {
    throw new ExitRequest(int(code));
  },
};

/** Why there is no such file; undefined when there is one, whatever it is. */
function missing(process: Process, path: string): number | undefined {
  const walked = attemptWalk(process, path);
  if (typeof walked === "string") return numberOf(walked);
  return walked.found || walked.opened ? undefined : numberOf("ENOENT");
}

function splitEntry(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}
