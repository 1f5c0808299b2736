/** An lxe init program in memory: reading and writing it by address. The format is in docs/internals/init.md. */
import { Errno } from "../core/errno.ts";

const base = 0x400000n;
const magic = Buffer.from("LXEINIT1");
const stepBytes = 104;
const memoryBytesMax = 64 * 1024 * 1024;
const machines: Record<number, string> = { 62: "x86_64", 183: "aarch64" };

export interface InitStep {
  nr: number;
  args: bigint[];
  indirect: number;
  result: bigint;
  onError: bigint;
  onSuccess: bigint;
  onZero: bigint;
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

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  bytes(address: bigint, length: number): Buffer {
    const offset = this.#offset(address, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  u64(address: bigint): bigint {
    return this.bytes(address, 8).readBigUInt64LE();
  }

  u32(address: bigint): number {
    return this.bytes(address, 4).readUInt32LE();
  }

  setU64(address: bigint, value: bigint): void {
    this.bytes(address, 8).writeBigUInt64LE(BigInt.asUintN(64, value));
  }

  setU32(address: bigint, value: number): void {
    this.bytes(address, 4).writeUInt32LE(value >>> 0);
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
    const offset = address - base;
    if (offset < 0n || offset + BigInt(length) > BigInt(this.#bytes.length)) throw new Errno("EFAULT");
    return Number(offset);
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

/** ENOEXEC for another machine's program, or one whose data is not as the format says. */
export function parseInitProgram(file: Buffer, architecture: string): InitImage {
  const machine = machines[file.readUInt16LE(18)];
  const data = dataOffset(file);
  if (machine !== architecture || data === undefined || !file.subarray(data, data + 8).equals(magic))
    throw new Errno("ENOEXEC");
  const inMemory = data + Number(file.readBigUInt64LE(Number(file.readBigUInt64LE(32)) + 56 + 40));
  if (inMemory > memoryBytesMax) throw new Errno("ENOMEM");
  // behind the file there are zeros
  const bytes = Buffer.alloc(Math.max(file.length, inMemory));
  file.copy(bytes);
  return imageOf(machine as InitImage["machine"], bytes, data);
}

function imageOf(machine: InitImage["machine"], bytes: Buffer, data: number): InitImage {
  return {
    machine,
    memory: new InitMemory(bytes),
    // a program may load another in its own place
    get stepCount() {
      return Number(bytes.readBigUInt64LE(data + 8));
    },
    step: (index) => readStep(bytes, data + 0x20 + index * stepBytes),
    fail(errno, step) {
      bytes.writeBigUInt64LE(BigInt(errno), data + 0x10);
      bytes.writeBigUInt64LE(BigInt(step), data + 0x18);
    },
    copy: () => imageOf(machine, Buffer.from(bytes), data),
  };
}

function readStep(bytes: Buffer, at: number): InitStep {
  const word = (index: number) => bytes.readBigUInt64LE(at + index * 8);
  return {
    nr: Number(word(0)),
    args: [1, 2, 3, 4, 5, 6].map(word),
    indirect: Number(word(7)),
    result: word(8),
    onError: word(9),
    onSuccess: word(10),
    onZero: word(12),
  };
}
