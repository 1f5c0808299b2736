/** Streams of the host as files of a guest, with backpressure: stdin, stdout and stderr of exec'd commands, terminals' masters. */
import type { Readable, Writable } from "node:stream";
import { type Stat } from "../vfs/types.ts";
import { OpenFile, type Sleeper } from "./open-file.ts";
import type { TtySink } from "./tty.ts";
import { WaitQueue } from "./wait-queue.ts";
/** Reads a stream; its end or failure is the end of the file. */
export declare class StreamReader extends OpenFile {
  #private;
  constructor(stream: Readable);
  read(sleeper: Sleeper, max: number): Promise<Buffer>;
  write(): Promise<number>;
  stat(): Stat;
  describe(): string;
  reopen(): OpenFile;
}
/** Writes a stream; never ends it. `closed` resolves when the last process has let go. */
export declare class StreamWriter extends OpenFile {
  #private;
  readonly closed: Promise<void>;
  constructor(stream: Writable);
  read(): Promise<Buffer>;
  write(sleeper: Sleeper, data: Buffer): Promise<number>;
  stat(): Stat;
  describe(): string;
  reopen(): OpenFile;
  protected onLastClose(): void;
}
export declare class StreamSink implements TtySink {
  #private;
  readonly drained: WaitQueue;
  constructor(stream: Writable);
  write(data: Buffer): boolean;
}
