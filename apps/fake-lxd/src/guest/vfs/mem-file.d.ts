import { OpenFile, type Sleeper } from "../core/open-file.ts";
import type { MemFs } from "./mem-fs.ts";
import type { Stat } from "./types.ts";
export declare class MemFile extends OpenFile {
  #private;
  constructor(fs: MemFs, ino: number, flags: number);
  read(_sleeper: Sleeper, max: number): Promise<Buffer>;
  write(_sleeper: Sleeper, data: Buffer): Promise<number>;
  stat(): Stat;
  seek(offset: number, whence: "set" | "current" | "end"): number;
  truncate(size: number): void;
  protected onLastClose(): void;
}
