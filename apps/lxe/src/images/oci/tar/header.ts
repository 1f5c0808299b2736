/** The fixed blocks of a tar archive, read and written. */
import { BLOCK_BYTES, type TarEntry } from "./entry.ts";

/** A block's fields before extended headers are applied. */
export interface HeaderBlock {
  /** The byte of the entry's type as a character. */
  readonly type: string;
  readonly name: string;
  readonly linkname: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeS: number;
  readonly devMajor: number;
  readonly devMinor: number;
}

interface Field {
  readonly start: number;
  readonly length: number;
}

const NAME: Field = { start: 0, length: 100 };
const MODE: Field = { start: 100, length: 8 };
const UID: Field = { start: 108, length: 8 };
const GID: Field = { start: 116, length: 8 };
const SIZE: Field = { start: 124, length: 12 };
const MTIME: Field = { start: 136, length: 12 };
const CHECKSUM: Field = { start: 148, length: 8 };
const TYPE: Field = { start: 156, length: 1 };
const LINKNAME: Field = { start: 157, length: 100 };
const MAGIC: Field = { start: 257, length: 8 };
const DEV_MAJOR: Field = { start: 329, length: 8 };
const DEV_MINOR: Field = { start: 337, length: 8 };
const PREFIX: Field = { start: 345, length: 155 };
const USTAR = "ustar\0";
const MODE_BITS = 0o7777;
const BLANK = 0x20;
const ZERO = 0x30;
const BASE256_MARK = 0x80;

/** Longest text, and largest numbers, that the fields hold. */
export const NAME_BYTES_MAX = NAME.length;
export const ID_MAX = 0o7777777;
export const SIZE_MAX = 0o77777777777;

export function isZeroBlock(block: Uint8Array): boolean {
  for (let index = 0; index < block.length; index += 1) if (block[index] !== 0) return false;
  return true;
}

/** Undefined where the block is no header: its checksum is wrong, or a number is none. */
export function readHeader(block: Buffer): HeaderBlock | undefined {
  if (!isChecksumRight(block)) return undefined;
  const number = (field: Field): number => readNumber(block, field);
  const prefix =
    block.toString("latin1", MAGIC.start, MAGIC.start + USTAR.length) === USTAR ? readText(block, PREFIX) : "";
  const name = readText(block, NAME);
  const header = {
    type: block.toString("latin1", TYPE.start, TYPE.start + TYPE.length),
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkname: readText(block, LINKNAME),
    mode: number(MODE) & MODE_BITS,
    uid: number(UID),
    gid: number(GID),
    size: number(SIZE),
    mtimeS: number(MTIME),
    devMajor: number(DEV_MAJOR),
    devMinor: number(DEV_MINOR),
  };
  return Object.values(header).some((value) => Number.isNaN(value)) ? undefined : header;
}

/** Texts and numbers that do not fit are cut off: extended headers have them whole. */
export function writeHeader(entry: Omit<TarEntry, "kind" | "xattrs">, type: string): Buffer {
  // Out of the pool: there is one for each file of an image, and it lives only until it is copied.
  const block = Buffer.allocUnsafe(BLOCK_BYTES).fill(0);
  block.write(entry.name.slice(0, NAME.length), NAME.start, "latin1");
  block.write(entry.linkname.slice(0, LINKNAME.length), LINKNAME.start, "latin1");
  block.write(type, TYPE.start, "latin1");
  block.write(`${USTAR}00`, MAGIC.start, "latin1");
  writeOctal(block, MODE, entry.mode);
  writeOctal(block, UID, entry.uid);
  writeOctal(block, GID, entry.gid);
  writeOctal(block, SIZE, entry.size);
  writeOctal(block, MTIME, entry.mtimeS);
  writeOctal(block, DEV_MAJOR, entry.devMajor);
  writeOctal(block, DEV_MINOR, entry.devMinor);
  block.write(`${sumOf(block).toString(8).padStart(6, "0")}\0 `, CHECKSUM.start, "latin1");
  return block;
}

function readText(block: Buffer, { start, length }: Field): string {
  let end = start;
  while (end < start + length && block[end] !== 0) end += 1;
  return block.toString("latin1", start, end);
}

/** Octal digits, or for numbers beyond those a big-endian binary number behind a mark. Negative ones are 0. */
function readNumber(block: Buffer, { start, length }: Field): number {
  const first = block[start] ?? 0;
  if ((first & BASE256_MARK) === 0) return readOctal(block, start, start + length);
  if (first !== BASE256_MARK) return first === 0xff ? 0 : Number.NaN;
  let value = 0;
  for (const byte of block.subarray(start + 1, start + length)) value = value * 256 + byte;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Blanks, digits, and a blank or the end of the field; none at all is 0. */
function readOctal(block: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(block[at])) at += 1;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = (block[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 7) return isBlank(block[at]) ? value : Number.NaN;
    value = value * 8 + digit;
  }
  return value;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0 || byte === BLANK;
}

function writeOctal(block: Buffer, { start, length }: Field, value: number): void {
  const digits = value.toString(8).padStart(length - 1, "0");
  block.write(digits.slice(-(length - 1)), start, "latin1");
}

function sumOf(block: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < BLOCK_BYTES; index += 1) sum += block[index] ?? 0;
  for (let index = CHECKSUM.start; index < CHECKSUM.start + CHECKSUM.length; index += 1) {
    sum += BLANK - (block[index] ?? 0);
  }
  return sum;
}

function isChecksumRight(block: Buffer): boolean {
  return readNumber(block, CHECKSUM) === sumOf(block);
}
