/**
 * The program that an exec'd command starts as: a session of its own, its pid told to lxe, its output to files or to
 * whoever runs it, then the command with the container's user, groups, environment and working directory. The session lets lxe end the whole of it (`killProgram`).
 */

import { connectTo, INSIDE } from "./app.ts";
import { Assembler } from "./assemble.ts";
import type { Machine } from "./machine.ts";
import { becomeApp, type ProcessSpec, redirect, reportFailure } from "./process.ts";

export interface ExecOutput {
  /** Of the files in `/.lxe` that belong to this command. */
  readonly name: string;
  /**
   * `files`: standard output and error are `/.lxe/<name>.out` and `.err`, input is /dev/null. `streams`: all three are those that
   * it is started with. `terminal`: the same, and they are a terminal that is the session's own already.
   */
  readonly output: "files" | "streams" | "terminal";
}

/**
 * Bytes of the ELF file. Over the socket `/.lxe/<name>.sock` come 8 bytes first, the pid (u64, little endian) in the container's
 * pid namespace; then nothing, or 16 bytes of failure (`readFailure`).
 */
export function execProgram(machine: Machine, spec: ProcessSpec, { name, output }: ExecOutput): Buffer {
  const asm = new Assembler(machine);
  const fail = asm.label("fail");
  const pid = asm.cell();
  const socket = connectTo(asm, `${INSIDE}/${name}.sock`);
  if (output !== "terminal") asm.step("setsid", []);
  asm.step("getpid", [], { result: pid });
  asm.step("write", [socket, pid.cell, 8]);
  if (output === "files") redirect(asm, "/dev/null", `${INSIDE}/${name}.out`, `${INSIDE}/${name}.err`, fail);
  becomeApp(asm, spec, fail);
  asm.place(fail);
  reportFailure(asm, socket, "/dev/null");
  return asm.build();
}

const SIGKILL = 9;

/** Ends every process of the session that an exec'd command leads. */
export function killProgram(machine: Machine, pid: number): Buffer {
  const asm = new Assembler(machine);
  asm.step("kill", [-pid, SIGKILL]);
  asm.step("kill", [pid, SIGKILL]);
  asm.step("exit_group", [0]);
  return asm.build();
}
