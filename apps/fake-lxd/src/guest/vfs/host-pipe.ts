/**
 * A named pipe of the host, one end of it open in a guest: the host kernel's own bytes, ends and waiting. Always the real host's, as the
 * other end is: a simulated one has no pipes.
 */
import fs from "node:fs";
import net from "node:net";
import { toBuffer } from "../core/bytes.ts";
import { StreamReader, StreamWriter } from "../core/host-streams.ts";
import { Errno } from "../core/errno.ts";
import { O_ACCMODE, OpenFile, type Sleeper } from "../core/open-file.ts";
import { attempt } from "./attempt.ts";
import type { HostFs } from "./host-fs.ts";
import type { Stat } from "./types.ts";

export class HostPipe extends OpenFile {
  readonly #fs: HostFs;
  readonly #fd: number;
  readonly #stat: Stat;
  /** Made when first used: it takes bytes out of the pipe before anybody asks for them. */
  #socket: net.Socket | undefined;
  #reader: StreamReader | undefined;
  #writer: StreamWriter | undefined;

  /** An end that would have to wait for the other one would hold up the whole event loop: it is refused. */
  static open(hostFs: HostFs, path: string, hostFlags: number, flags: number): HostPipe {
    return new HostPipe(
      hostFs,
      attempt(() => fs.openSync(toBuffer(path), hostFlags)),
      flags,
    );
  }

  private constructor(hostFs: HostFs, fd: number, flags: number) {
    super(flags);
    this.#fs = hostFs;
    this.#fd = fd;
    this.#stat = this.#fs.convert(attempt(() => fs.fstatSync(fd)));
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    this.#reader ??= new StreamReader(this.#open());
    return this.#reader.read(sleeper, max);
  }

  write(sleeper: Sleeper, data: Buffer): Promise<number> {
    this.#writer ??= new StreamWriter(this.#open());
    return this.#writer.write(sleeper, data);
  }

  stat(): Stat {
    return this.#stat;
  }

  /** As of any pipe: nothing happens. */
  override truncate(): void {}

  protected override onLastClose(): void {
    if (!this.#socket) fs.closeSync(this.#fd);
    else if (!this.readable && !this.#socket.destroyed) this.#socket.end();
    else this.#socket.destroy();
  }

  #open(): net.Socket {
    if (!this.#socket) {
      const access = this.flags & O_ACCMODE;
      this.#socket = new net.Socket({ fd: this.#fd, readable: access !== 1, writable: access !== 0 });
      this.#socket.on("error", () => {});
    }
    if (this.#socket.destroyed && this.writable) throw new Errno("EPIPE");
    return this.#socket;
  }
}
