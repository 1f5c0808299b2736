/**
 * The programs that exec'd commands start as: a session of its own, its pid told to lxe, its streams opened, then the command
 * with the container's user, groups, environment and working directory. The session lets lxe end the whole of it (`killProgram`).
 *
 * No command begins before lxe has its pid: a program that LXD started when lxe had given up, or had gone, ends instead.
 *
 * Without a terminal LXD starts a loader, which lies ready in the container's directory. What it is to do it fetches from lxe: lxe
 * prepares that while LXD, which takes long, starts the loader.
 */

import { connectTo, INSIDE } from "./inside.ts";
import { Assembler, type Cell, type Label } from "./assemble.ts";
import type { Machine } from "./machine.ts";
import {
  becomeApp,
  O_CLOEXEC,
  O_RDONLY,
  openAs,
  type ProcessSpec,
  purpose,
  redirectOutput,
  reportFailure,
} from "./process.ts";

/** Where the standard streams lead, as the container sees it. */
export interface ExecStreams {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

const F_SETPIPE_SZ = 1031;
/** More than the kernel's 64 KiB: lxe and the command wake each other less often. Nobody but a pipe's user can set it. */
const PIPE_BYTES = 256 * 1024;

/** A file of a command as the container sees it. */
export function insidePath(name: string, suffix: "in" | "out" | "err" | "sock"): string {
  return `${INSIDE}/${name}.${suffix}`;
}

/** The connection to lxe, in a loader and in what it loads: low enough for any limit. */
const CONNECTION = 9;
const MSG_WAITALL = 0x100;
const WORD_BYTES = 8;

/**
 * Bytes of the ELF file of a loader. Over the socket it sends 8 bytes, the pid (u64, little endian) in the container's
 * pid namespace, and takes what `loadable` makes of an image, of `imageBytes` at most.
 */
export function loaderProgram(machine: Machine, socket: string, imageBytes: number): Buffer {
  const asm = new Assembler(machine);
  load(asm, socket);
  asm.reserve(imageBytes);
  return asm.build();
}

/** What a loader takes. The byte at the end is there once all is: no program begins with a part of itself. */
export function loadable(image: Buffer): Buffer {
  const length = Buffer.alloc(WORD_BYTES);
  length.writeBigUInt64LE(BigInt(image.length));
  return Buffer.concat([length, image, Buffer.of(1)]);
}

/**
 * The first steps of a loader, and of what it loads: that takes the place of the loader while it performs the last step but one,
 * and goes on with the step behind.
 */
function load(asm: Assembler, path: string): void {
  const [begin, unwanted] = [asm.label("begin"), asm.label("unwanted")];
  const [pid, length, last] = [asm.cell(), asm.cell(), asm.cell()];
  asm.step("getpid", [], { result: pid, onSuccess: begin });
  placeUnwanted(asm, unwanted);
  asm.place(begin);
  const socket = connectTo(asm, path, unwanted);
  asm.step("dup3", [socket, CONNECTION, O_CLOEXEC]); // EINVAL: it is that already
  asm.step("setsid", []);
  const orEnd = { onError: unwanted, onZero: unwanted };
  asm.step("write", [CONNECTION, pid.cell, WORD_BYTES], orEnd);
  asm.step("recvfrom", [CONNECTION, length.cell, WORD_BYTES, MSG_WAITALL, 0, 0], orEnd);
  asm.step("recvfrom", [CONNECTION, asm.imageAddress, length, MSG_WAITALL, 0, 0], orEnd);
  asm.step("read", [CONNECTION, last.cell, 1], orEnd);
}

/**
 * For a loader, as an ELF file (`imageOf`). Over the loader's connection come 8 bytes when the streams are open, then nothing more, or 16
 * bytes of failure (`readFailure`).
 */
export function execProgram(machine: Machine, spec: ProcessSpec, streams: ExecStreams): Buffer {
  const asm = new Assembler(machine);
  const fail = asm.label("fail");
  const failEarly = asm.label("fail before the streams were open");
  load(asm, "");
  openAs(asm, 0, streams.stdin, O_RDONLY, failEarly);
  redirectOutput(asm, streams.stdout, streams.stderr, failEarly);
  // of files it is refused, as of pipes whose user has too much of that already
  for (const fd of [0, 1, 2]) asm.step("fcntl", [fd, F_SETPIPE_SZ, PIPE_BYTES]);
  const opened = asm.cell();
  asm.step("write", [CONNECTION, opened.cell, WORD_BYTES]);
  becomeApp(asm, spec, fail);
  asm.place(failEarly);
  asm.step("write", [CONNECTION, opened.cell, WORD_BYTES]);
  asm.place(fail);
  reportFailure(asm, CONNECTION, "/dev/null");
  return asm.build();
}

/** Goes on when lxe has it. */
function tellPid(asm: Assembler, { socket, pid, unwanted }: { socket: Cell; pid: Cell; unwanted: Label }): void {
  asm.step("write", [socket, pid.cell, 8], { onError: unwanted });
  asm.step("read", [socket, asm.bytes(Buffer.alloc(1)), 1], { onError: unwanted, onZero: unwanted });
}

function placeUnwanted(asm: Assembler, unwanted: Label): void {
  asm.place(unwanted);
  asm.step("exit_group", [EXIT_UNWANTED]);
}

/** Nobody is there to learn of it. */
const EXIT_UNWANTED = 1;

const SIGCHLD = 17;
/** What is typed, or the terminal itself, sends these to the whole group. */
const TERMINAL_SIGNALS = { SIGINT: 2, SIGQUIT: 3, SIGTSTP: 20, SIGTTOU: 22 };
const SIG_DFL = 0n;
const SIG_IGN = 1n;

export interface TerminalSpec {
  /** Of the files in `/.lxe` that belong to this command. */
  readonly name: string;
  /** Written to the terminal behind all that the command has written. */
  readonly endMark: Uint8Array;
}

/**
 * Bytes of the ELF file for a command in a terminal, which is the standard streams and the session already. The command runs as a
 * child; this process keeps the terminal until lxe has seen the end mark, as LXD loses what is on its way when a terminal's
 * last process ends. Over the socket come 8 bytes, the pid of this process; once a byte has come back, 16 bytes of failure if the command could not be
 * started; 8 bytes, the child's wait status, at its end. The program ends when the socket is closed or written to.
 */
export function terminalProgram(machine: Machine, spec: ProcessSpec, { name, endMark }: TerminalSpec): Buffer {
  const asm = new Assembler(machine);
  const [fail, command] = [asm.label("fail"), asm.label("command")];
  const [pid, child, status] = [asm.cell(), asm.cell(), asm.cell()];
  const unwanted = asm.label("unwanted");
  const socket = connectTo(asm, insidePath(name, "sock"), unwanted);
  const dispose = (signal: number, disposition: bigint): void => {
    const action = Buffer.alloc(32);
    action.writeBigUInt64LE(disposition, 0);
    asm.step("rt_sigaction", [signal, asm.bytes(action), 0, 8]);
  };
  asm.step("getpid", [], { result: pid });
  tellPid(asm, { socket, pid, unwanted });
  dispose(SIGCHLD, SIG_DFL);
  for (const signal of Object.values(TERMINAL_SIGNALS)) dispose(signal, SIG_IGN);
  asm.step("clone", [SIGCHLD, 0, 0, 0, 0], {
    result: child,
    onError: fail,
    onZero: command,
    purpose: purpose("start a process"),
  });
  asm.step("wait4", [child, status.cell, 0, 0]);
  asm.step("write", [socket, status.cell, 8]);
  asm.step("write", [1, asm.bytes(endMark), endMark.length]);
  asm.step("read", [socket, pid.cell, 1]);
  asm.step("exit_group", [0]);
  asm.place(command);
  for (const signal of Object.values(TERMINAL_SIGNALS)) dispose(signal, SIG_DFL);
  becomeApp(asm, spec, fail);
  asm.place(fail);
  reportFailure(asm, socket, "/dev/null");
  placeUnwanted(asm, unwanted);
  return asm.build();
}

const SIGKILL = 9;

/** Ends every process of the group that an exec'd command leads. */
export function killProgram(machine: Machine, pid: number): Buffer {
  const asm = new Assembler(machine);
  asm.step("kill", [-pid, SIGKILL]);
  asm.step("kill", [pid, SIGKILL]);
  asm.step("exit_group", [0]);
  return asm.build();
}
