/** The only process of a sandbox: holds its namespaces, reaps what is reparented to it, ignores signals as pid 1 does. */

import { Assembler } from "./assemble.ts";
import type { Machine } from "./machine.ts";

const SIGCHLD = 17;
const SIG_IGN = 1n;

/** Bytes of the ELF file. With SIGCHLD ignored the kernel reaps by itself, so the program only ever waits. */
export function pauseProgram(machine: Machine): Buffer {
  const asm = new Assembler(machine);
  const action = Buffer.alloc(32);
  action.writeBigUInt64LE(SIG_IGN, 0);
  asm.step("rt_sigaction", [SIGCHLD, asm.bytes(action), 0, 8]);
  const wait = asm.label("wait");
  asm.place(wait);
  asm.step("ppoll", [0, 0, 0, 0, 0], { onError: wait, onSuccess: wait });
  return asm.build();
}
