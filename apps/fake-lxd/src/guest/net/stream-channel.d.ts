/** One end of a byte stream of the host, read and written by a guest. */
import type { Duplex } from "node:stream";
import type { Sleeper } from "../core/open-file.ts";
export declare class StreamChannel {
  #private;
  constructor(stream: Duplex);
  read(sleeper: Sleeper, max: number): Promise<Buffer>;
  write(sleeper: Sleeper, data: Buffer): Promise<number>;
  /** No more writing; reading goes on. */
  shutdownWrite(): void;
  /** What was written still reaches the peer, then it sees the end. */
  close(): void;
}
