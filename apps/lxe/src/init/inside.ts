/** What programs of ours find in the instance that they run in: the directory of host files, and the unix sockets there. */

import type { Address, Assembler, Cell, Label } from "./assemble.ts";

/** Where a container sees its directory of host files. */
export const INSIDE = "/.lxe";

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 0o2000001;

/** A unix socket that closes at execve. */
export function unixSocket(asm: Assembler): Cell {
  const socket = asm.cell();
  asm.step("socket", [AF_UNIX, SOCK_STREAM_CLOEXEC, 0], { result: socket });
  return socket;
}

/** As bind and connect take it: the address and its length. */
export function socketAddress(asm: Assembler, path: string): [Address, number] {
  const address = Buffer.concat([Buffer.from(Uint16Array.of(AF_UNIX).buffer), Buffer.from(`${path}\0`)]);
  return [asm.bytes(address), address.length];
}

/** A connection to a unix socket that closes at execve; errors are ignored, unless there is a label for them. */
export function connectTo(asm: Assembler, path: string, onError?: Label, purpose?: number): Cell {
  const socket = unixSocket(asm);
  asm.step("connect", [socket, ...socketAddress(asm, path)], {
    ...(onError && { onError }),
    ...(purpose !== undefined && { purpose }),
  });
  return socket;
}
