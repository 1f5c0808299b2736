/** Streams of the host as files of a guest, with backpressure: stdin, stdout and stderr of exec'd commands, terminals' masters. */
import type { Readable, Writable } from "node:stream";
import { anonymousStat, type Stat } from "../vfs/types.ts";
import { Errno } from "./errno.ts";
import { O_WRONLY, OpenFile, type Sleeper } from "./open-file.ts";
import type { TtySink } from "./tty.ts";
import { WaitQueue } from "./wait-queue.ts";

/** Reads a stream; its end or failure is the end of the file. */
export class StreamReader extends OpenFile {
  readonly #stream: Readable;
  readonly #changed = new WaitQueue();
  #rest: Buffer | undefined;

  constructor(stream: Readable) {
    super(0);
    this.#stream = stream;
    for (const event of ["readable", "end", "close", "error"]) stream.on(event, () => this.#changed.wake());
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return sleeper.block(this.#changed, () => this.#take(max));
  }

  async write(): Promise<number> {
    throw new Errno("EBADF");
  }

  stat(): Stat {
    return anonymousStat("fifo", 1);
  }

  override describe(): string {
    return "pipe:[1]";
  }

  override reopen(): OpenFile {
    return this;
  }

  #take(max: number): Buffer | undefined {
    const chunk = this.#rest ?? (this.#stream.read() as Uint8Array | string | null);
    this.#rest = undefined;
    if (chunk === null) return this.#over() ? Buffer.alloc(0) : undefined;
    const bytes = Buffer.from(chunk as Uint8Array);
    if (bytes.length > max) this.#rest = bytes.subarray(max);
    return bytes.subarray(0, max);
  }

  #over(): boolean {
    return this.#stream.readableEnded || this.#stream.destroyed || this.#stream.errored !== null;
  }
}

/** Writes a stream; never ends it. `closed` resolves when the last process has let go. */
export class StreamWriter extends OpenFile {
  readonly closed: Promise<void>;
  readonly #sink: StreamSink;
  readonly #stream: Writable;
  #resolve: () => void = () => {};

  constructor(stream: Writable) {
    super(O_WRONLY);
    this.#stream = stream;
    this.#sink = new StreamSink(stream);
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  async read(): Promise<Buffer> {
    throw new Errno("EBADF");
  }

  async write(sleeper: Sleeper, data: Buffer): Promise<number> {
    await sleeper.block(this.#sink.drained, () => {
      if (gone(this.#stream)) throw new Errno("EPIPE");
      return this.#stream.writableNeedDrain ? undefined : true;
    });
    this.#sink.write(Buffer.from(data));
    return data.length;
  }

  stat(): Stat {
    return anonymousStat("fifo", 2);
  }

  override describe(): string {
    return "pipe:[2]";
  }

  override reopen(): OpenFile {
    return this;
  }

  protected override onLastClose(): void {
    this.#resolve();
  }
}

export class StreamSink implements TtySink {
  readonly drained = new WaitQueue();
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    for (const event of ["drain", "close", "error"]) stream.on(event, () => this.drained.wake());
  }

  write(data: Buffer): boolean {
    return gone(this.#stream) ? true : this.#stream.write(data);
  }
}

function gone(stream: Writable): boolean {
  return stream.destroyed || stream.writableEnded || stream.errored !== null;
}
