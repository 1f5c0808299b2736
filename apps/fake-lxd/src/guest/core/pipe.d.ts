import { OpenFile, type Sleeper } from "./open-file.ts";
import { type Stat } from "../vfs/types.ts";
import { WaitQueue } from "./wait-queue.ts";
export declare class Pipe {
  #private;
  readonly id: number;
  readonly changed: WaitQueue;
  readers: number;
  writers: number;
  get size(): number;
  take(max: number): Buffer;
  /** Takes what fits; 0 when it is full. */
  put(data: Buffer): number;
  /** Both ends of an anonymous pipe. */
  ends(): [reader: PipeEnd, writer: PipeEnd];
}
export declare class PipeEnd extends OpenFile {
  #private;
  readonly pipe: Pipe;
  constructor(pipe: Pipe, flags: number, stat?: () => Stat);
  read(sleeper: Sleeper, max: number): Promise<Buffer>;
  write(sleeper: Sleeper, data: Buffer): Promise<number>;
  stat(): Stat;
  describe(): string;
  reopen(flags: number): OpenFile;
  protected onLastClose(): void;
}
