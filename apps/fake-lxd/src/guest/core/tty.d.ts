import { OpenFile, type Sleeper } from "./open-file.ts";
import type { ProcessGroup, Session } from "./process-group.ts";
import { WaitQueue } from "./wait-queue.ts";
/** Takes what the guest writes. False: enough for now, `drained` will be woken. */
export interface TtySink {
  write(data: Buffer): boolean;
  readonly drained: WaitQueue;
}
export interface TtyModes {
  echo: boolean;
  /** Whole lines, with erase and kill characters. */
  canonical: boolean;
  /** ^C, ^\ and ^Z. */
  signals: boolean;
  /** A newline goes out as carriage return and newline. */
  outputNewlines: boolean;
  /** A carriage return comes in as newline. */
  inputReturns: boolean;
}
export declare class Tty {
  #private;
  readonly name: string;
  readonly modes: TtyModes;
  columns: number;
  rows: number;
  session: Session | undefined;
  foreground: ProcessGroup | undefined;
  readonly inputChanged: WaitQueue;
  constructor(
    name: string,
    sink: TtySink,
    size: {
      columns: number;
      rows: number;
    },
  );
  /** Called when no process holds it any more. */
  whenUnused(callback: () => void): void;
  open(flags?: number): OpenFile;
  closed(): void;
  resize(columns: number, rows: number): void;
  /** The master side is gone. */
  hangUp(): void;
  /** Typed. */
  type(data: Uint8Array): void;
  /** The end of the input: as if ^D were typed at the start of a line. */
  typeEnd(): void;
  take(max: number): Buffer | undefined;
  put(sleeper: Sleeper, data: Buffer): Promise<number>;
}
