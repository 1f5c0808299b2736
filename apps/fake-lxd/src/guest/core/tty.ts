/** A terminal: line editing, echo and signals between its master side (whoever types and reads) and the guest's side. */
import { anonymousStat, type Stat } from "../vfs/types.ts";
import { O_RDWR, OpenFile, type Sleeper } from "./open-file.ts";
import type { ProcessGroup, Session } from "./process-group.ts";
import { SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGWINCH } from "./signals.ts";
import { WaitQueue } from "./wait-queue.ts";

const inputBytesMax = 64 * 1024;

/** Takes what the guest writes. False: enough for now, `drained` will be woken. */
export interface TtySink {
  write(data: Buffer): boolean;
  readonly drained: WaitQueue;
}

export interface TtyModes {
  echo: boolean;
  /** Whole lines, with erase and kill characters. */
  canonical: boolean;
  /** ^C, ^\ and ^Z. */
  signals: boolean;
  /** A newline goes out as carriage return and newline. */
  outputNewlines: boolean;
  /** A carriage return comes in as newline. */
  inputReturns: boolean;
}

export class Tty {
  readonly name: string;
  readonly modes: TtyModes = { echo: true, canonical: true, signals: true, outputNewlines: true, inputReturns: true };
  columns: number;
  rows: number;
  session: Session | undefined;
  foreground: ProcessGroup | undefined;
  readonly inputChanged = new WaitQueue();
  readonly #sink: TtySink;
  #line: number[] = [];
  /** Complete lines; an empty one is an end of file. */
  #ready: Buffer[] = [];
  #hungUp = false;
  #open = 0;
  #onUnused: () => void = () => {};

  constructor(name: string, sink: TtySink, size: { columns: number; rows: number }) {
    this.name = name;
    this.#sink = sink;
    this.columns = size.columns;
    this.rows = size.rows;
  }

  /** Called when no process holds it any more. */
  whenUnused(callback: () => void): void {
    this.#onUnused = callback;
  }

  open(flags = O_RDWR): OpenFile {
    this.#open++;
    return new TtyFile(this, flags);
  }

  closed(): void {
    if (--this.#open === 0) this.#onUnused();
  }

  resize(columns: number, rows: number): void {
    if (columns === this.columns && rows === this.rows) return;
    this.columns = columns;
    this.rows = rows;
    this.foreground?.signal(SIGWINCH, "host");
  }

  /** The master side is gone. */
  hangUp(): void {
    if (this.#hungUp) return;
    this.#hungUp = true;
    this.inputChanged.wake();
    this.#sink.drained.wake();
    this.session?.leader.signal(SIGHUP, "host");
  }

  /** Typed. */
  type(data: Uint8Array): void {
    for (const byte of data) this.#typed(this.modes.inputReturns && byte === 13 ? 10 : byte);
    this.inputChanged.wake();
  }

  /** The end of the input: as if ^D were typed at the start of a line. */
  typeEnd(): void {
    if (this.#line.length > 0) this.#finishLine();
    this.#ready.push(Buffer.alloc(0));
    this.inputChanged.wake();
  }

  take(max: number): Buffer | undefined {
    const first = this.#ready[0];
    if (!first) return this.#hungUp ? Buffer.alloc(0) : undefined;
    if (first.length <= max) this.#ready.shift();
    else this.#ready[0] = first.subarray(max);
    return first.subarray(0, max);
  }

  async put(sleeper: Sleeper, data: Buffer): Promise<number> {
    if (this.#hungUp) return data.length;
    let taken = this.#emit(data);
    await sleeper.block(this.#sink.drained, () => {
      if (taken || this.#hungUp) return true;
      taken = true;
      return undefined;
    });
    return data.length;
  }

  #emit(data: Buffer): boolean {
    if (!this.modes.outputNewlines || !data.includes(10)) return this.#sink.write(Buffer.from(data));
    return this.#sink.write(Buffer.from(data.toString("latin1").replaceAll("\n", "\r\n"), "latin1"));
  }

  #typed(byte: number): void {
    if (this.modes.signals && this.#signalKey(byte)) return;
    if (!this.modes.canonical) {
      this.#echo(byte);
      this.#ready.push(Buffer.from([byte]));
      return;
    }
    if (byte === 127 || byte === 8) return this.#erase();
    if (byte === 21) return this.#eraseLine();
    if (byte === 4) return this.#endOfFile();
    this.#echo(byte);
    if (this.#line.length < inputBytesMax) this.#line.push(byte);
    if (byte === 10) this.#finishLine();
  }

  #signalKey(byte: number): boolean {
    const signal = byte === 3 ? SIGINT : byte === 28 ? SIGQUIT : byte === 26 ? SIGTSTP : undefined;
    if (signal === undefined) return false;
    this.#echo(byte);
    this.#line = [];
    this.#ready = [];
    this.foreground?.signal(signal, "host");
    return true;
  }

  #echo(byte: number): void {
    if (!this.modes.echo) return;
    if (byte === 10) this.#emit(Buffer.from("\n"));
    else if (byte < 32 && byte !== 9) this.#sink.write(Buffer.from(`^${String.fromCharCode(byte + 64)}`));
    else this.#sink.write(Buffer.from([byte]));
  }

  #erase(): void {
    if (this.#line.pop() !== undefined && this.modes.echo) this.#sink.write(Buffer.from("\b \b"));
  }

  #eraseLine(): void {
    while (this.#line.length > 0) this.#erase();
  }

  #endOfFile(): void {
    if (this.#line.length > 0) this.#finishLine();
    else this.#ready.push(Buffer.alloc(0));
  }

  #finishLine(): void {
    this.#ready.push(Buffer.from(this.#line));
    this.#line = [];
  }
}

class TtyFile extends OpenFile {
  readonly #tty: Tty;

  constructor(tty: Tty, flags: number) {
    super(flags);
    this.#tty = tty;
  }

  override get tty(): Tty {
    return this.#tty;
  }

  read(sleeper: Sleeper, max: number): Promise<Buffer> {
    return sleeper.block(this.#tty.inputChanged, () => this.#tty.take(max));
  }

  write(sleeper: Sleeper, data: Buffer): Promise<number> {
    return this.#tty.put(sleeper, data);
  }

  stat(): Stat {
    return { ...anonymousStat("character-device", 3), mode: 0o020620, rdev: 136 * 256 };
  }

  override describe(): string {
    return this.#tty.name;
  }

  override reopen(flags: number): OpenFile {
    return this.#tty.open(flags);
  }

  protected override onLastClose(): void {
    this.#tty.closed();
  }
}
