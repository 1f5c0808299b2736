/**
 * An app's terminal: what the app's first program does to have one, and the program that holds the other side of it.
 *
 * The holder runs in the sandbox's instance, not in the container: when the first process of a PID namespace ends, the kernel kills
 * the others there, and with a holder among them the app's last words would be lost. It gets all that it works with from the
 * app's first program, by descriptors passed over a unix socket: the terminal, and the files of the container's `/.lxe`.
 */

import { type Address, Assembler, type Cell, type Label } from "./assemble.ts";
import { connectTo, INSIDE, socketAddress, unixSocket } from "./inside.ts";
import type { Machine } from "./machine.ts";
import { AT_FDCWD, becomeStream, O_APPEND, O_CLOEXEC, O_RDWR, O_WRONLY, purpose } from "./process.ts";

/** In the container's `/.lxe`, while it starts: where its holder waits for it. */
export const HOLDER_SOCKET = "terminal";
/** In the container's `/.lxe`: named pipes of what is typed, and of `resizeMessage`s. */
export const TYPED_PIPE = "stdin";
export const RESIZE_PIPE = "resize";

const WINSIZE_BYTES = 8;

/** A `struct winsize`. */
export function resizeMessage(width: number, height: number): Buffer {
  return Buffer.from(Uint16Array.of(height, width, 0, 0).buffer);
}

/** The descriptors that are passed, in that order. */
const PASSED = ["terminal", "output", "typed", "resize"] as const;
type Passed = (typeof PASSED)[number];

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const CONTROL_HEADER_BYTES = 16;
const CONTROL_BYTES = CONTROL_HEADER_BYTES + PASSED.length * 4;

const O_NOCTTY = 0o400;
const TIOCSCTTY = 0x540e;
const TIOCSWINSZ = 0x5414;
const TIOCSPTLCK = 0x40045431;
const TIOCGPTPEER = 0x5441;

/** A message of one byte that descriptors come along with. */
interface Message {
  readonly header: Address;
  /** The kernel takes 32 bits of it. */
  readonly descriptor: (name: Passed) => Cell;
}

function message(asm: Assembler): Message {
  // eight bytes more: a result is 64 bits, of which the next one, or nobody, takes the upper half
  const control = Buffer.alloc(CONTROL_BYTES + 8);
  control.writeBigUInt64LE(BigInt(CONTROL_BYTES), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  const at = asm.bytes(control);
  const vector = asm.words([asm.bytes(Buffer.alloc(1)), 1]);
  return {
    header: asm.words([0, 0, vector, 1, at, CONTROL_BYTES, 0]),
    descriptor: (name) => ({ cell: { ...at, offset: CONTROL_HEADER_BYTES + PASSED.indexOf(name) * 4 } }),
  };
}

/** The calling process gets a terminal of its own as its standard streams, and the holder its other side. Jumps to `fail`. */
export function openTerminal(
  asm: Assembler,
  { owner, fail, directory = INSIDE }: { owner: number; fail: Label; directory?: string },
): void {
  const failing = { onError: fail, purpose: purpose("open a terminal") };
  const holder = connectTo(asm, `${directory}/${HOLDER_SOCKET}`, fail, failing.purpose);
  const { header, descriptor } = message(asm);
  const open = (name: Passed, path: string, flags: number): void =>
    asm.step("openat", [AT_FDCWD, asm.string(path), flags | O_CLOEXEC | O_NOCTTY, 0], {
      ...failing,
      result: descriptor(name),
    });
  // in the order of the descriptors: each result is written over half of the next one's place
  open("terminal", "/dev/ptmx", O_RDWR);
  open("output", `${directory}/stdout`, O_WRONLY | O_APPEND);
  open("typed", `${directory}/${TYPED_PIPE}`, O_RDWR);
  open("resize", `${directory}/${RESIZE_PIPE}`, O_RDWR);
  const terminal = descriptor("terminal");
  const own = asm.cell();
  asm.step("ioctl", [terminal, TIOCSPTLCK, asm.bytes(Buffer.alloc(4))], failing);
  asm.step("ioctl", [terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC], { ...failing, result: own });
  // so that the app can open it again, where the right to do this is there
  asm.step("fchown", [own, owner, -1]);
  asm.step("sendmsg", [holder, header, 0], failing);
  asm.step("setsid", []);
  asm.step("ioctl", [own, TIOCSCTTY, 0], failing);
  for (const fd of [0, 1, 2]) becomeStream(asm, own, fd);
}

const SIGKILL = 9;
const SIGPIPE = 13;
const SIGCHLD = 17;
const SIG_IGN = 1n;
const BUFFER_BYTES = 64 * 1024;

/** Where the holder has the descriptors that it got; those below are closed. */
const FIRST_FD = 10;
const fdOf = (name: Passed): number => FIRST_FD + PASSED.indexOf(name);

/**
 * Bytes of the ELF file. The program listens at `socketPath` and goes on in the background; it ends with 1 when it cannot. It serves the
 * first that connects, and ends when that has nothing for it. Three processes only read and write, blocking, so that none
 * waits for what another one waits for. All end when nobody has the terminal open any more.
 */
export function holderProgram(machine: Machine, socketPath: string): Buffer {
  const asm = new Assembler(machine);
  const [failed, done, serve] = [asm.label("failed"), asm.label("done"), asm.label("serve")];
  const [typed, resize, over] = [asm.label("typed"), asm.label("resize"), asm.label("over")];
  const connection = asm.cell();
  const action = Buffer.alloc(32);
  action.writeBigUInt64LE(SIG_IGN, 0);
  const fork = (child: Label, onError: Label): void =>
    asm.step("clone", [SIGCHLD, 0, 0, 0, 0], { onZero: child, onError });

  // what LXD started it with is LXD's
  asm.step("close_range", [0, 0xffffffff, 0]);
  asm.step("rt_sigaction", [SIGPIPE, asm.bytes(action), 0, 8]);
  const listener = unixSocket(asm);
  asm.step("bind", [listener, ...socketAddress(asm, socketPath)], { onError: failed });
  asm.step("listen", [listener, 1], { onError: failed });
  fork(serve, failed);
  asm.place(done);
  asm.step("exit_group", [0]);
  asm.place(failed);
  asm.step("exit_group", [1]);

  asm.place(serve);
  asm.step("setsid", []);
  asm.step("accept4", [listener, 0, 0, 0], { result: connection, onError: done });
  asm.step("close", [listener]);
  const { header, descriptor } = message(asm);
  asm.step("recvmsg", [connection, header, 0], { onError: done, onZero: done });
  for (const name of PASSED) asm.step("dup3", [descriptor(name), fdOf(name), 0], { onError: done });
  asm.step("close_range", [0, FIRST_FD - 1, 0]);
  fork(typed, over);
  fork(resize, over);

  const copy = asm.label("copy what the app writes");
  const [buffer, count] = [asm.reserve(BUFFER_BYTES), asm.cell()];
  asm.place(copy);
  // fails once nobody has the terminal open, when all that was written is read
  asm.step("read", [fdOf("terminal"), buffer, BUFFER_BYTES], { result: count, onError: over, onZero: over });
  // on a full disk it is lost, as the app must not wait
  asm.step("write", [fdOf("output"), buffer, count], { onError: copy, onSuccess: copy });
  asm.place(over);
  asm.step("kill", [0, SIGKILL]);

  asm.place(typed);
  asm.step("read", [fdOf("typed"), buffer, BUFFER_BYTES], { result: count, onError: done });
  asm.step("write", [fdOf("terminal"), buffer, count], { onError: done, onSuccess: typed });

  asm.place(resize);
  asm.step("read", [fdOf("resize"), buffer, WINSIZE_BYTES], { onError: done });
  asm.step("ioctl", [fdOf("terminal"), TIOCSWINSZ, buffer], { onError: resize, onSuccess: resize });
  return asm.build();
}
