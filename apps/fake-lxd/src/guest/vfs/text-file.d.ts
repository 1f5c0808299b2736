import { OpenFile, type Sleeper } from "../core/open-file.ts";
import type { Stat } from "./types.ts";
export declare class TextFile extends OpenFile {
  #private;
  constructor(content: string, stat: Stat, flags: number, onWrite?: (data: Buffer) => void);
  read(_sleeper: Sleeper, max: number): Promise<Buffer>;
  write(_sleeper: Sleeper, data: Buffer): Promise<number>;
  stat(): Stat;
  seek(offset: number, whence: "set" | "current" | "end"): number;
  truncate(): void;
}
