/**
 * The first program of an application container: standard streams to the files of `/.lxe`, then the app.
 * Says over `/.lxe/ready` whether execve worked: the socket closes without a word when it did, and carries the failure
 * otherwise. Nobody listening there (lxe was restarted) harms nothing.
 */

import { Assembler, type Cell, type Label } from "./assemble.ts";
import type { Machine } from "./machine.ts";
import { becomeApp, O_RDONLY, O_RDWR, openAs, type ProcessSpec, redirectOutput, reportFailure } from "./process.ts";

/** Where a container sees its directory of host files. */
export const INSIDE = "/.lxe";

export interface AppSpec extends ProcessSpec {
  /** With a terminal the standard streams stay LXD's console. */
  readonly tty: boolean;
  /** File below `/.lxe` or `/dev/null`. */
  readonly stdin: string;
  /** A pipe that is opened both ways never ends, as the app itself could write to it. */
  readonly stdinStaysOpen: boolean;
}

/** Bytes of the ELF file that becomes `spec`'s app. */
export function appProgram(machine: Machine, spec: AppSpec): Buffer {
  const asm = new Assembler(machine);
  const fail = asm.label("fail");
  const ready = connectTo(asm, `${INSIDE}/ready`);
  if (!spec.tty) {
    openAs(asm, 0, spec.stdin, spec.stdinStaysOpen ? O_RDWR : O_RDONLY, fail);
    redirectOutput(asm, `${INSIDE}/stdout`, `${INSIDE}/stderr`, fail);
  }
  becomeApp(asm, spec, fail);
  asm.place(fail);
  reportFailure(asm, ready, `${INSIDE}/failed`);
  return asm.build();
}

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 0o2000001;

/** A connection to a unix socket that closes at execve; errors are ignored, unless there is a label for them. */
export function connectTo(asm: Assembler, path: string, onError?: Label): Cell {
  const socket = asm.cell();
  const address = Buffer.concat([Buffer.from(Uint16Array.of(AF_UNIX).buffer), Buffer.from(`${path}\0`)]);
  asm.step("socket", [AF_UNIX, SOCK_STREAM_CLOEXEC, 0], { result: socket });
  asm.step("connect", [socket, asm.bytes(address), address.length], { ...(onError && { onError }) });
  return socket;
}
