import { OpenFile, type Sleeper } from "../core/open-file.ts";
import { type HostFs } from "./host-fs.ts";
import type { Stat } from "./types.ts";
export declare class HostFile extends OpenFile {
  #private;
  constructor(hostFs: HostFs, fd: number, flags: number);
  read(_sleeper: Sleeper, max: number): Promise<Buffer>;
  write(_sleeper: Sleeper, data: Buffer): Promise<number>;
  stat(): Stat;
  seek(offset: number, whence: "set" | "current" | "end"): number;
  truncate(size: number): void;
  protected onLastClose(): void;
}
