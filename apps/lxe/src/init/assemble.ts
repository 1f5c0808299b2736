/**
 * Lays out an init program: headers, code, step table, data. The format is docs/internals/init.md.
 * Owns addresses and labels; what the steps mean is their caller's business.
 */

import { type Machine, SYSCALLS, type Syscall } from "./machine.ts";

const BASE = 0x400000;
const CODE_OFFSET = 0x100;
const STEPS_OFFSET = 0x20;
const STEP_BYTES = 104;
/** All ones. */
const NEXT = -1;
const MAGIC = "LXEINIT1";

/** A place in the program's memory, known once the program is laid out. */
export interface Address {
  readonly chunk: number;
  /** Within it; default 0. */
  readonly offset?: number;
}
/** A u64 in the program's memory; as an argument its content is passed, not its address. */
export interface Cell {
  readonly cell: Address;
}
export type Argument = number | bigint | Address | Cell;
export type Label = { readonly name: string };

export interface StepOptions {
  /** Where to go on after an error; default: the next step (the error is ignored). */
  readonly onError?: Label;
  readonly onSuccess?: Label;
  /** Where to go on after 0, which is the end of a file, or being the child; default: as after any success. */
  readonly onZero?: Label;
  readonly result?: Cell;
  /** What this step is for, told when it fails (`readFailure`). */
  readonly purpose?: number;
}

/** An array of u64: numbers, and addresses in the program's memory. */
type Words = readonly (Address | number)[];
type Chunk = { readonly bytes: Buffer } | { readonly words: Words } | { readonly reserved: number };

interface Step extends StepOptions {
  readonly call: Syscall;
  readonly args: readonly Argument[];
}

/** Collects steps and data, then lays them out with `build`. */
export class Assembler {
  readonly #machine: Machine;
  readonly #steps: Step[] = [];
  readonly #labels = new Map<Label, number>();
  readonly #chunks: Chunk[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Bytes as they are. */
  bytes(value: Uint8Array): Address {
    return { chunk: this.#chunks.push({ bytes: Buffer.from(value) }) - 1 };
  }

  /** Zeros that take no room in the file. */
  reserve(byteCount: number): Address {
    return { chunk: this.#chunks.push({ reserved: byteCount }) - 1 };
  }

  /** A string of the C kind. A NUL byte would cut it, so it is refused. */
  string(value: string | Uint8Array): Address {
    const bytes = typeof value === "string" ? Buffer.from(`${value}\0`) : Buffer.concat([value, Buffer.of(0)]);
    if (bytes.indexOf(0) < bytes.length - 1) throw new RangeError("a string for the kernel cannot hold a NUL byte");
    return { chunk: this.#chunks.push({ bytes }) - 1 };
  }

  /** An array of pointers that ends with NULL, as execve takes it. */
  strings(values: readonly (string | Uint8Array)[]): Address {
    return this.words([...values.map((value) => this.string(value)), 0]);
  }

  /** An array or structure of u64. */
  words(words: Words): Address {
    return { chunk: this.#chunks.push({ words }) - 1 };
  }

  cell(): Cell {
    return { cell: this.bytes(Buffer.alloc(8)) };
  }

  label(name: string): Label {
    return { name };
  }

  /** The next step is where jumps to `label` go. */
  place(label: Label): void {
    this.#labels.set(label, this.#steps.length);
  }

  step(call: Syscall, args: readonly Argument[], options: StepOptions = {}): void {
    this.#steps.push({ call, args, ...options });
  }

  /** Address of the errno cell and, behind it, of the failed step's number: 16 bytes to report. */
  get failureAddress(): bigint {
    return BigInt(BASE + this.#machine.dataOffset + 0x10);
  }

  /** Where the program's image begins (`imageOf`). */
  get imageAddress(): number {
    return BASE + this.#machine.dataOffset;
  }

  /** The whole ELF file. */
  build(): Buffer {
    const { dataOffset } = this.#machine;
    const addresses: number[] = [];
    let end = dataOffset + STEPS_OFFSET + this.#steps.length * STEP_BYTES;
    const layOut = (inFile: boolean): void => {
      for (const [index, chunk] of this.#chunks.entries()) {
        if ("reserved" in chunk === inFile) continue;
        end = Math.ceil(end / 8) * 8;
        addresses[index] = BASE + end;
        end += sizeOf(chunk);
      }
    };
    layOut(true);
    const fileBytes = end;
    layOut(false);
    const addressOf = ({ chunk, offset = 0 }: Address): number => (addresses[chunk] ?? 0) + offset;
    const file = Buffer.alloc(fileBytes);
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    writeHeaders(file, this.#machine, end);
    this.#machine.code.copy(file, CODE_OFFSET);
    file.write(MAGIC, dataOffset, "latin1");
    file.writeBigUInt64LE(BigInt(this.#steps.length), dataOffset + 8);
    this.#steps.forEach((step, index) => {
      this.#writeStep(view, dataOffset + STEPS_OFFSET + index * STEP_BYTES, step, addressOf);
    });
    this.#chunks.forEach((chunk, index) => {
      const offset = (addresses[index] ?? 0) - BASE;
      if ("bytes" in chunk) chunk.bytes.copy(file, offset);
      else if ("words" in chunk) {
        chunk.words.forEach((word, at) =>
          writeWord(view, offset + at * 8, typeof word === "number" ? word : addressOf(word)),
        );
      }
    });
    return file;
  }

  #writeStep(view: DataView, offset: number, step: Step, addressOf: (address: Address) => number): void {
    let indirect = 0;
    writeWord(view, offset, this.#machine.syscalls[step.call]);
    step.args.forEach((argument, index) => {
      let value: number | bigint;
      if (typeof argument === "object" && "cell" in argument) {
        indirect |= 1 << index;
        value = addressOf(argument.cell);
      } else if (typeof argument === "object") value = addressOf(argument);
      else value = argument;
      writeWord(view, offset + 8 + index * 8, value);
    });
    writeWord(view, offset + 56, indirect);
    writeWord(view, offset + 64, step.result ? addressOf(step.result.cell) : 0);
    writeWord(view, offset + 72, this.#target(step.onError));
    writeWord(view, offset + 80, this.#target(step.onSuccess));
    writeWord(view, offset + 88, step.purpose ?? 0);
    writeWord(view, offset + 96, this.#target(step.onZero));
  }

  #target(label: Label | undefined): number {
    if (!label) return NEXT;
    const step = this.#labels.get(label);
    if (step === undefined) throw new Error(`label ${label.name} was never placed`);
    return step;
  }
}

/** A u64, as the kernel would take a negative number. By halves: a program has a thousand words, and BigInts are slow to make. */
function writeWord(view: DataView, offset: number, value: number | bigint): void {
  if (typeof value === "bigint") return view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  view.setUint32(offset, value >>> 0, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32) >>> 0, true);
}

/** All of a program but its machine code, which every program has: what a loader puts in the place of its own. */
export function imageOf(machine: Machine, program: Buffer): Buffer {
  return program.subarray(machine.dataOffset);
}

function sizeOf(chunk: Chunk): number {
  if ("bytes" in chunk) return chunk.bytes.length;
  return "words" in chunk ? chunk.words.length * 8 : chunk.reserved;
}

/** `end`: where the program's memory ends, which may be behind the file. */
function writeHeaders(file: Buffer, machine: Machine, end: number): void {
  file.write("\x7fELF\x02\x01\x01", 0, "latin1");
  file.writeUInt16LE(2, 16); // ET_EXEC
  file.writeUInt16LE(machine.elfMachine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(BASE + CODE_OFFSET), 24); // entry point
  file.writeBigUInt64LE(64n, 32); // program headers follow
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const { dataOffset } = machine;
  const codeBytes = CODE_OFFSET + machine.code.length;
  writeSegment(file, 64, { flags: 0b101, offset: 0, inFile: codeBytes, inMemory: codeBytes, align: dataOffset });
  writeSegment(file, 64 + 56, {
    flags: 0b110,
    offset: dataOffset,
    inFile: file.length - dataOffset,
    inMemory: end - dataOffset,
    align: dataOffset,
  });
}

interface Segment {
  readonly flags: number;
  readonly offset: number;
  readonly inFile: number;
  readonly inMemory: number;
  readonly align: number;
}

function writeSegment(file: Buffer, at: number, { flags, offset, inFile, inMemory, align }: Segment): void {
  file.writeUInt32LE(1, at); // PT_LOAD
  file.writeUInt32LE(flags, at + 4);
  file.writeBigUInt64LE(BigInt(offset), at + 8);
  file.writeBigUInt64LE(BigInt(BASE + offset), at + 16);
  file.writeBigUInt64LE(BigInt(BASE + offset), at + 24);
  file.writeBigUInt64LE(BigInt(inFile), at + 32);
  file.writeBigUInt64LE(BigInt(inMemory), at + 40);
  file.writeBigUInt64LE(BigInt(align), at + 48);
}

/** What a failed program reports: 16 bytes, errno and the number of the step. */
export interface Failure {
  readonly errno: number;
  readonly call: Syscall | undefined;
  readonly purpose: number;
}

/** Reads a failure report with the help of the program that made it. */
export function readFailure(program: Buffer, machine: Machine, report: Buffer): Failure {
  const errno = Number(report.readBigUInt64LE(0));
  const offset = machine.dataOffset + STEPS_OFFSET + Number(report.readBigUInt64LE(8)) * STEP_BYTES;
  const nr = Number(program.readBigUInt64LE(offset));
  const call = SYSCALLS.find((name) => machine.syscalls[name] === nr);
  return { errno, call, purpose: Number(program.readBigUInt64LE(offset + 88)) };
}
