/**
 * The first program of an application container: its standard streams, to files of `/.lxe` or in a terminal, then the app.
 * Says over `/.lxe/ready` whether execve worked: the socket closes without a word when it did, and carries the failure
 * otherwise. Nobody listening there (lxe was restarted) harms nothing.
 */

import { Assembler } from "./assemble.ts";
import { connectTo, INSIDE } from "./inside.ts";
import type { Machine } from "./machine.ts";
import { becomeApp, O_RDONLY, O_RDWR, openAs, type ProcessSpec, redirectOutput, reportFailure } from "./process.ts";
import { openTerminal } from "./terminal-holder.ts";

export interface AppSpec extends ProcessSpec {
  readonly streams: AppStreams;
}

export type AppStreams =
  /** Those that the process has already: LXC's console, for an image's init. */
  | { readonly kind: "inherited" }
  /** A terminal of its own, whose other side a holder has (`terminal-holder.ts`). */
  | { readonly kind: "terminal" }
  | {
      readonly kind: "files";
      /** File below `/.lxe` or `/dev/null`. */
      readonly stdin: string;
      /** A pipe that is opened both ways never ends, as the app itself could write to it. */
      readonly stdinStaysOpen: boolean;
    };

/** Bytes of the ELF file that becomes `spec`'s app. */
export function appProgram(machine: Machine, spec: AppSpec): Buffer {
  const asm = new Assembler(machine);
  const fail = asm.label("fail");
  const ready = connectTo(asm, `${INSIDE}/ready`);
  const { streams } = spec;
  if (streams.kind === "terminal") openTerminal(asm, { owner: spec.uid, fail });
  if (streams.kind === "files") {
    openAs(asm, 0, streams.stdin, streams.stdinStaysOpen ? O_RDWR : O_RDONLY, fail);
    redirectOutput(asm, `${INSIDE}/stdout`, `${INSIDE}/stderr`, fail);
  }
  becomeApp(asm, spec, fail);
  asm.place(fail);
  reportFailure(asm, ready, `${INSIDE}/failed`);
  return asm.build();
}
