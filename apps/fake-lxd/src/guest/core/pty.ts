/** The other side of a terminal that a guest has opened for itself (/dev/ptmx): what is written here is typed there. */
import { anonymousStat, type Stat } from "../vfs/types.ts";
import { Errno } from "./errno.ts";
import { OpenFile, type Sleeper } from "./open-file.ts";
import { Tty } from "./tty.ts";
import { WaitQueue } from "./wait-queue.ts";

/** What nobody has read yet; whoever writes more waits. */
const outputBytesMax = 4096;
const noSize = { columns: 0, rows: 0 };

export class PtyMaster extends OpenFile {
  /** The side of the processes in it. */
  readonly slave: Tty;
  readonly #drained = new WaitQueue();
  readonly #changed = new WaitQueue();
  #output: Buffer[] = [];
  #outputBytes = 0;
  #unused = false;

  constructor(name: string, flags: number) {
    super(flags);
    this.slave = new Tty(name, { write: (data) => this.#take(data), drained: this.#drained }, noSize);
    this.slave.whenUnused(() => {
      this.#unused = true;
      this.#changed.wake();
    });
  }

  /** EIO once nobody has the terminal open any more and all of its output is read. */
  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return sleeper.block(this.#changed, () => {
      const first = this.#output.shift();
      if (first === undefined) {
        if (this.#unused) throw new Errno("EIO");
        return undefined;
      }
      if (first.length > max) this.#output.unshift(first.subarray(max));
      const bytes = first.subarray(0, max);
      this.#outputBytes -= bytes.length;
      this.#drained.wake();
      return bytes;
    });
  }

  async write(_sleeper: Sleeper, data: Buffer): Promise<number> {
    if (this.#unused) throw new Errno("EIO");
    this.slave.type(data);
    return data.length;
  }

  stat(): Stat {
    return { ...anonymousStat("character-device", 5), mode: 0o020666, rdev: 5 * 256 + 2 };
  }

  override describe(): string {
    return "/dev/ptmx";
  }

  protected override onLastClose(): void {
    this.slave.hangUp();
  }

  #take(data: Buffer): boolean {
    this.#output.push(data);
    this.#outputBytes += data.length;
    this.#changed.wake();
    return this.#outputBytes < outputBytesMax;
  }
}
