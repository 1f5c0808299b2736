/** Builds init programs by hand, for tests of their interpretation. The format is in docs/internals/init.md. */
import { type CallName, callNumber, type InitMachine } from "../init/numbers.ts";

const base = 0x400000;
const stepBytes = 104;
const next = 0xffff_ffff_ffff_ffffn;
const machines = { x86_64: { elf: 62, data: 0x1000 }, aarch64: { elf: 183, data: 0x10000 } };

/** An argument: a number, or something that lies in the program's data and is passed by address. */
export type Argument =
  | number
  | bigint
  | { text: string }
  | { texts: string[] }
  | { bytes: Uint8Array }
  | { cell: string };

export interface StepPlan {
  call: CallName;
  args?: Argument[];
  /** Arguments at these places are what the cell holds, not its address. */
  indirect?: number[];
  /** Name of the cell that takes the result. */
  result?: string;
  onError?: number;
  onSuccess?: number;
  onZero?: number;
}

export function buildInitProgram(machine: InitMachine, steps: StepPlan[]): Uint8Array {
  const { elf, data } = machines[machine];
  const pool = new Pool(base + data + 0x20 + steps.length * stepBytes);
  const table = Buffer.concat(steps.map((step) => encodeStep(machine, step, pool)));
  const head = Buffer.alloc(0x20);
  head.write("LXEINIT1", "latin1");
  head.writeBigUInt64LE(BigInt(steps.length), 8);
  const body = Buffer.concat([head, table, pool.bytes()]);
  return Buffer.concat([elfHeader(elf, data, body.length), body]);
}

/** What lies behind the steps. */
class Pool {
  readonly #start: number;
  readonly #parts: Buffer[] = [];
  readonly #cells = new Map<string, number>();
  #size = 0;

  constructor(start: number) {
    this.#start = start;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  add(part: Uint8Array): number {
    const at = this.#start + this.#size;
    const padded = Buffer.alloc(Math.ceil(part.length / 8) * 8);
    padded.set(part);
    this.#parts.push(padded);
    this.#size += padded.length;
    return at;
  }

  text(text: string): number {
    return this.add(Buffer.from(`${text}\0`, "latin1"));
  }

  texts(list: string[]): number {
    const pointers = Buffer.alloc((list.length + 1) * 8);
    for (const [index, text] of list.entries()) pointers.writeBigUInt64LE(BigInt(this.text(text)), index * 8);
    return this.add(pointers);
  }

  cell(name: string): number {
    const known = this.#cells.get(name) ?? this.add(Buffer.alloc(8));
    this.#cells.set(name, known);
    return known;
  }

  address(argument: Argument): bigint {
    if (typeof argument === "number") return BigInt.asUintN(64, BigInt(argument));
    if (typeof argument === "bigint") return argument;
    if ("text" in argument) return BigInt(this.text(argument.text));
    if ("texts" in argument) return BigInt(this.texts(argument.texts));
    return BigInt("bytes" in argument ? this.add(argument.bytes) : this.cell(argument.cell));
  }
}

function encodeStep(machine: InitMachine, step: StepPlan, pool: Pool): Buffer {
  const words = Array.from({ length: 13 }, () => 0n);
  words[0] = BigInt(callNumber(machine, step.call));
  for (const [index, argument] of (step.args ?? []).entries()) words[index + 1] = pool.address(argument);
  words[7] = BigInt((step.indirect ?? []).reduce((mask, index) => mask | (1 << index), 0));
  words[8] = step.result === undefined ? 0n : BigInt(pool.cell(step.result));
  words[9] = step.onError === undefined ? next : BigInt(step.onError);
  words[10] = step.onSuccess === undefined ? next : BigInt(step.onSuccess);
  words[12] = step.onZero === undefined ? next : BigInt(step.onZero);
  const bytes = Buffer.alloc(stepBytes);
  for (const [index, word] of words.entries()) bytes.writeBigUInt64LE(word, index * 8);
  return bytes;
}

function elfHeader(machine: number, dataOffset: number, dataLength: number): Buffer {
  const header = Buffer.alloc(dataOffset);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(base + 0x100), 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);
  segment(header, 64, 5, 0, dataOffset);
  segment(header, 120, 6, dataOffset, dataLength);
  return header;
}

function segment(header: Buffer, at: number, flags: number, offset: number, length: number): void {
  header.writeUInt32LE(1, at);
  header.writeUInt32LE(flags, at + 4);
  header.writeBigUInt64LE(BigInt(offset), at + 8);
  header.writeBigUInt64LE(BigInt(base + offset), at + 16);
  header.writeBigUInt64LE(BigInt(length), at + 32);
  header.writeBigUInt64LE(BigInt(length), at + 40);
}

/** A `sockaddr_un`. */
export function unixAddress(path: string): { bytes: Uint8Array; length: number } {
  const bytes = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${path}\0`, "latin1")]);
  return { bytes, length: bytes.length };
}

export function words32(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
}
