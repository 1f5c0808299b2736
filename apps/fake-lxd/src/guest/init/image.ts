/** An lxe init program in memory: reading and writing it by address. The format is in docs/internals/init.md. */
import { Errno } from "../core/errno.ts";

const base = 0x400000n;
const magic = Buffer.from("LXEINIT1");
const stepBytes = 104;
const ALL_ONES = 0xffff_ffff;
const memoryBytesMax = 64 * 1024 * 1024;
const machines: Record<number, string> = { 62: "x86_64", 183: "aarch64" };

export interface InitStep {
  readonly nr: number;
  readonly args: bigint[];
  /** A bit for each argument. */
  readonly indirect: number;
  readonly result: bigint;
  /** Numbers of steps; undefined: the next one. */
  readonly onError: number | undefined;
  readonly onSuccess: number | undefined;
  readonly onZero: number | undefined;
}

export interface InitImage {
  readonly machine: "x86_64" | "aarch64";
  readonly memory: InitMemory;
  readonly stepCount: number;
  step(index: number): InitStep;
  /** Fills the errno and failed-step cells. */
  fail(errno: number, step: number): void;
  /** As a forked process has it. */
  copy(): InitImage;
}

/** The file's bytes at their addresses; EFAULT outside. */
export class InitMemory {
  readonly #bytes: Buffer;
  readonly #view: DataView;

  constructor(bytes: Buffer, view: DataView) {
    this.#bytes = bytes;
    this.#view = view;
  }

  bytes(address: bigint, length: number): Buffer {
    const offset = this.#offset(address, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  u64(address: bigint): bigint {
    return this.#view.getBigUint64(this.#offset(address, 8), true);
  }

  u32(address: bigint): number {
    return this.#view.getUint32(this.#offset(address, 4), true);
  }

  setU64(address: bigint, value: bigint): void {
    this.#view.setBigUint64(this.#offset(address, 8), value, true);
  }

  setU32(address: bigint, value: number): void {
    this.#view.setUint32(this.#offset(address, 4), value, true);
  }

  /** A byte string up to its NUL. */
  text(address: bigint): string {
    const offset = this.#offset(address, 1);
    const end = this.#bytes.indexOf(0, offset);
    if (end < 0) throw new Errno("EFAULT");
    return this.#bytes.toString("latin1", offset, end);
  }

  /** A NULL-terminated array of strings; address 0 is an empty one. */
  texts(address: bigint): string[] {
    const list: string[] = [];
    if (address === 0n) return list;
    for (let at = address; ; at += 8n) {
      const pointer = this.u64(at);
      if (pointer === 0n) return list;
      list.push(this.text(pointer));
    }
  }

  #offset(address: bigint, length: number): number {
    const offset = Number(address) - Number(base);
    if (offset < 0 || offset + length > this.#bytes.length) throw new Errno("EFAULT");
    return offset;
  }
}

/** By the first page of an ELF file: two segments, of which the second begins with the magic. */
export function isInitProgram(head: Buffer): boolean {
  return dataOffset(head) !== undefined;
}

/** Where the data begins. The magic itself may lie beyond the head, so the entry point and segment layout decide. */
function dataOffset(head: Buffer): number | undefined {
  if (head.length < 0xb0 || head.readUInt8(4) !== 2 || head.readUInt8(5) !== 1) return undefined;
  const headersAt = Number(head.readBigUInt64LE(32));
  const isOurs =
    head.readUInt16LE(16) === 2 && head.readUInt16LE(56) === 2 && head.readBigUInt64LE(24) === base + 0x100n;
  if (!isOurs || headersAt + 2 * 56 > head.length) return undefined;
  const second = headersAt + 56;
  const offset = head.readBigUInt64LE(second + 8);
  if (head.readUInt32LE(second) !== 1 || head.readBigUInt64LE(second + 16) !== base + offset) return undefined;
  return Number(offset);
}

/**
 * From the first page of its file, and what reads all of that into the program's memory. ENOEXEC for another machine's program, or one
 * whose data is not as the format says.
 */
export function loadInitProgram(head: Buffer, architecture: string, readInto: (memory: Buffer) => number): InitImage {
  const machine = machines[head.readUInt16LE(18)];
  const data = dataOffset(head);
  if (machine !== architecture || data === undefined) throw new Errno("ENOEXEC");
  const inMemory = data + Number(head.readBigUInt64LE(Number(head.readBigUInt64LE(32)) + 56 + 40));
  if (inMemory > memoryBytesMax) throw new Errno("ENOMEM");
  const bytes = Buffer.allocUnsafe(inMemory);
  // behind the file there are zeros
  bytes.fill(0, readInto(bytes));
  if (!bytes.subarray(data, data + 8).equals(magic)) throw new Errno("ENOEXEC");
  return new LoadedImage(machine as InitImage["machine"], bytes, data);
}

class LoadedImage implements InitImage {
  readonly machine: InitImage["machine"];
  readonly memory: InitMemory;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  /** Where its data begins. */
  readonly #data: number;

  constructor(machine: InitImage["machine"], bytes: Buffer, data: number) {
    this.machine = machine;
    this.#bytes = bytes;
    this.#data = data;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.memory = new InitMemory(bytes, this.#view);
  }

  /** A program may load another in its own place. */
  get stepCount(): number {
    return numberAt(this.#view, this.#data + 8);
  }

  step(index: number): InitStep {
    return readStep(this.#view, this.#data + 0x20 + index * stepBytes);
  }

  fail(errno: number, step: number): void {
    this.#view.setBigUint64(this.#data + 0x10, BigInt(errno), true);
    this.#view.setBigUint64(this.#data + 0x18, BigInt(step), true);
  }

  copy(): InitImage {
    return new LoadedImage(this.machine, Buffer.from(this.#bytes), this.#data);
  }
}

/**
 * By a view: a buffer's own methods put each number together from eight bytes, and programs have hundreds of steps. Only what a call needs
 * as such becomes a BigInt: they are slow to make.
 */
function readStep(view: DataView, at: number): InitStep {
  const word = (index: number) => wordAt(view, at + index * 8);
  return {
    nr: numberAt(view, at),
    args: [word(1), word(2), word(3), word(4), word(5), word(6)],
    indirect: numberAt(view, at + 7 * 8),
    result: word(8),
    onError: stepAt(view, at + 9 * 8),
    onSuccess: stepAt(view, at + 10 * 8),
    onZero: stepAt(view, at + 12 * 8),
  };
}

/** Most arguments are small. */
const SMALL: readonly bigint[] = Array.from({ length: 256 }, (_, number) => BigInt(number));

function wordAt(view: DataView, at: number): bigint {
  const small = view.getUint32(at + 4, true) === 0 ? SMALL[view.getUint32(at, true)] : undefined;
  return small ?? view.getBigUint64(at, true);
}

function numberAt(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

/** All ones: the next one. */
function stepAt(view: DataView, at: number): number | undefined {
  const [low, high] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
  return low === ALL_ONES && high === ALL_ONES ? undefined : high * 2 ** 32 + low;
}
