import type { Machine } from "../core/machine.ts";
import type { PidNamespace } from "../core/pid-namespace.ts";
import { type Generated, GeneratedFs } from "./generated-fs.ts";
import type { Asker } from "./types.ts";
export declare class ProcFs extends GeneratedFs {
  #private;
  readonly type = "proc";
  constructor(machine: Machine, pids: PidNamespace);
  protected at(path: string, asker: Asker): Generated | undefined;
}
