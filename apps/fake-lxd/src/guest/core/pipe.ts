/** Pipes and named pipes: 64 KiB of bytes between writers, who wait when it is full, and readers, who wait when it is empty. */
import { Errno } from "./errno.ts";
import { O_ACCMODE, O_WRONLY, OpenFile, type Sleeper } from "./open-file.ts";
import { anonymousStat, type Stat } from "../vfs/types.ts";
import { WaitQueue } from "./wait-queue.ts";

const capacityBytes = 65_536;
let nextId = 1;

export class Pipe {
  readonly id = nextId++;
  readonly changed = new WaitQueue();
  readers = 0;
  writers = 0;
  #chunks: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  take(max: number): Buffer {
    const first = this.#chunks[0];
    if (!first) return Buffer.alloc(0);
    const part = first.length <= max ? first : first.subarray(0, max);
    if (part.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(max);
    this.#size -= part.length;
    this.changed.wake();
    return part;
  }

  /** Takes what fits; 0 when it is full. */
  put(data: Buffer): number {
    const count = Math.min(data.length, capacityBytes - this.#size);
    if (count <= 0) return 0;
    this.#chunks.push(Buffer.from(data.subarray(0, count)));
    this.#size += count;
    this.changed.wake();
    return count;
  }

  /** Both ends of an anonymous pipe. */
  ends(): [reader: PipeEnd, writer: PipeEnd] {
    return [new PipeEnd(this, 0), new PipeEnd(this, O_WRONLY)];
  }
}

export class PipeEnd extends OpenFile {
  readonly pipe: Pipe;
  readonly #stat: () => Stat;

  constructor(pipe: Pipe, flags: number, stat: () => Stat = () => anonymousStat("fifo", pipe.id)) {
    super(flags);
    this.pipe = pipe;
    this.#stat = stat;
    if (this.readable) pipe.readers++;
    if (this.writable) pipe.writers++;
    pipe.changed.wake();
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return sleeper.block(this.pipe.changed, () => {
      if (this.pipe.size > 0) return this.pipe.take(max);
      return this.pipe.writers === 0 ? Buffer.alloc(0) : undefined;
    });
  }

  write(sleeper: Sleeper, data: Buffer): Promise<number> {
    return sleeper.block(this.pipe.changed, () => {
      if (this.pipe.readers === 0) throw new Errno("EPIPE");
      return this.pipe.put(data) || undefined;
    });
  }

  stat(): Stat {
    return this.#stat();
  }

  override describe(): string {
    return this.location?.path ?? `pipe:[${this.pipe.id}]`;
  }

  override reopen(flags: number): OpenFile {
    return new PipeEnd(this.pipe, flags & O_ACCMODE, this.#stat);
  }

  protected override onLastClose(): void {
    if (this.readable) this.pipe.readers--;
    if (this.writable) this.pipe.writers--;
    this.pipe.changed.wake();
  }
}
