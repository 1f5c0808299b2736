/** A unix stream socket of a guest, connected to a real listener of the host through a socket file in a bind mount. */
import net from "node:net";
import { OpenFile, type Sleeper } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { type Stat } from "../vfs/types.ts";
export declare class UnixSocket extends OpenFile {
  #private;
  constructor();
  attach(socket: net.Socket): void;
  read(sleeper: Sleeper, max: number): Promise<Buffer>;
  write(sleeper: Sleeper, data: Buffer): Promise<number>;
  stat(): Stat;
  describe(): string;
  protected onLastClose(): void;
}
/** connect(2) to a path. ECONNREFUSED when nobody listens on the host, or when the file is none of the host's. */
export declare function connectUnix(process: Process, fd: number, path: string): Promise<void>;
