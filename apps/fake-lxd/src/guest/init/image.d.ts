export interface InitStep {
  nr: number;
  args: bigint[];
  indirect: number;
  result: bigint;
  onError: bigint;
  onSuccess: bigint;
}
export interface InitImage {
  readonly machine: "x86_64" | "aarch64";
  readonly memory: InitMemory;
  readonly stepCount: number;
  step(index: number): InitStep;
  /** Fills the errno and failed-step cells. */
  fail(errno: number, step: number): void;
}
/** The file's bytes at their addresses; EFAULT outside. */
export declare class InitMemory {
  #private;
  constructor(bytes: Buffer);
  bytes(address: bigint, length: number): Buffer;
  u64(address: bigint): bigint;
  u32(address: bigint): number;
  setU64(address: bigint, value: bigint): void;
  setU32(address: bigint, value: number): void;
  /** A byte string up to its NUL. */
  text(address: bigint): string;
  /** A NULL-terminated array of strings; address 0 is an empty one. */
  texts(address: bigint): string[];
}
/** By the first page of an ELF file: two segments, of which the second begins with the magic. */
export declare function isInitProgram(head: Buffer): boolean;
/** ENOEXEC for another machine's program, or one whose data is not as the format says. */
export declare function parseInitProgram(file: Buffer, architecture: string): InitImage;
