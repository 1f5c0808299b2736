/**
 * Reads the headers of a tar archive as its bytes pass, and says where the contents lie; keeps none of them. Takes ustar, GNU and PAX
 * archives. Global PAX headers say nothing about files of an image and are skipped. Sparse files are refused: no image builder makes them.
 */
import { InvalidImageError } from "../errors.ts";
import { BLOCK_BYTES, paddingOf, type TarEntry, type TarKind } from "./entry.ts";
import { type HeaderBlock, isZeroBlock, readHeader } from "./header.ts";
import { readPax, XATTR_PREFIX } from "./pax.ts";

export interface ScannedEntry extends TarEntry {
  /** Where the content begins, in bytes from the beginning of the archive. */
  readonly offset: number;
}

export interface TarScanner {
  push(chunk: Uint8Array): void;
  /** Passes over what is left of the last entry's content, which need not be pushed then; returns how many bytes that is. */
  skipContent(): number;
  /** @throws InvalidImageError where the archive ends within an entry. */
  end(): void;
}

interface ScannerOptions {
  /** Longest extended header. */
  readonly metaBytesMax: number;
  readonly onEntry: (entry: ScannedEntry) => void;
}

/** What headers before an entry's own said about it. */
interface Extensions {
  longName?: string;
  longLink?: string;
  pax?: ReadonlyMap<string, string>;
}

const KINDS: Readonly<Record<string, TarKind>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};
const META_TYPES = new Set(["x", "g", "L", "K"]);

/** `push` and `end` throw InvalidImageError. */
export function createTarScanner({ metaBytesMax, onEntry }: ScannerOptions): TarScanner {
  /** Bytes of a block or an extended header that began in earlier chunks. */
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  /** Content and padding still to pass. */
  let skip = 0;
  /** The part of it behind the content. Some archivers leave it out at the end of an archive, and the end, too. */
  let padding = 0;
  let position = 0;
  let meta: { readonly type: string; readonly size: number } | undefined;
  let extensions: Extensions = {};
  let zeroBlocks = 0;
  let ended = false;

  /** The next `length` bytes in one piece, or undefined until they are there. */
  function take(chunk: Buffer, from: number, length: number): { bytes: Buffer | undefined; used: number } {
    const used = Math.min(length - pendingBytes, chunk.length - from);
    const piece = chunk.subarray(from, from + used);
    if (pendingBytes === 0 && used === length) return { bytes: piece, used };
    pending.push(Buffer.from(piece));
    pendingBytes += used;
    if (pendingBytes < length) return { bytes: undefined, used };
    const bytes = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    return { bytes, used };
  }

  function onBlock(block: Buffer): void {
    if (isZeroBlock(block)) {
      zeroBlocks += 1;
      ended = zeroBlocks === 2;
      return;
    }
    zeroBlocks = 0;
    const header = readHeader(block);
    if (header === undefined)
      throw new InvalidImageError(`a layer is no tar archive: broken header at byte ${position - BLOCK_BYTES}`);
    if (META_TYPES.has(header.type)) beginMeta(header);
    else onEntryHeader(header);
  }

  function beginMeta({ type, size }: HeaderBlock): void {
    if (size > metaBytesMax)
      throw new InvalidImageError(`a layer has an extended header of ${size} bytes; ${metaBytesMax} are allowed`);
    meta = { type, size };
  }

  function onMeta(type: string, bytes: Buffer): void {
    if (type === "L") extensions.longName = untilNul(bytes);
    else if (type === "K") extensions.longLink = untilNul(bytes);
    else if (type === "x") {
      const pax = readPax(bytes);
      if (pax === undefined) throw new InvalidImageError("a layer has a broken extended header");
      extensions.pax = pax;
    }
  }

  function onEntryHeader(header: HeaderBlock): void {
    const entry = entryOf(header, extensions, position);
    extensions = {};
    padding = paddingOf(entry.size);
    skip = entry.size + padding;
    onEntry(entry);
  }

  /** Takes what it can at `from`; returns how many bytes that was. */
  function step(chunk: Buffer, from: number): number {
    if (skip > 0) {
      const used = Math.min(skip, chunk.length - from);
      skip -= used;
      position += used;
      return used;
    }
    const { bytes, used } = take(chunk, from, meta === undefined ? BLOCK_BYTES : meta.size + paddingOf(meta.size));
    position += used;
    if (bytes === undefined) return used;
    if (meta === undefined) onBlock(bytes);
    else {
      const { type, size } = meta;
      meta = undefined;
      onMeta(type, bytes.subarray(0, size));
    }
    return used;
  }

  return {
    push: (chunk) => {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      // An empty extended header takes no bytes, so there may be a step to do without any.
      for (let from = 0; from < bytes.length || meta?.size === 0; ) {
        if (ended) return;
        from += step(bytes, from);
      }
    },
    skipContent: () => {
      const passed = skip;
      position += passed;
      skip = 0;
      return passed;
    },
    end: () => {
      if (ended) return;
      if (skip > padding || pendingBytes > 0 || meta !== undefined)
        throw new InvalidImageError("a layer's tar archive is truncated");
    },
  };
}

function entryOf(header: HeaderBlock, { longName, longLink, pax }: Extensions, offset: number): ScannedEntry {
  const name = pax?.get("path") ?? longName ?? header.name;
  const kind = kindOf(header.type, name);
  if (header.type === "S" || [...(pax?.keys() ?? [])].some((key) => key.startsWith("GNU.sparse."))) {
    throw new InvalidImageError(`a layer has a sparse file, which is not supported: ${JSON.stringify(name)}`);
  }
  if (kind === undefined) {
    throw new InvalidImageError(
      `a layer has an entry of the unknown type ${JSON.stringify(header.type)}: ${JSON.stringify(name)}`,
    );
  }
  const size = numberOf(pax?.get("size"), header.size);
  return {
    kind,
    name,
    linkname: pax?.get("linkpath") ?? longLink ?? header.linkname,
    mode: header.mode,
    uid: numberOf(pax?.get("uid"), header.uid),
    gid: numberOf(pax?.get("gid"), header.gid),
    mtimeS: numberOf(pax?.get("mtime"), header.mtimeS),
    size: kind === "file" ? size : 0,
    devMajor: header.devMajor,
    devMinor: header.devMinor,
    xattrs: xattrsOf(pax),
    offset,
  };
}

/** Archivers before POSIX marked directories by a slash only. */
function kindOf(type: string, name: string): TarKind | undefined {
  const kind = KINDS[type];
  return kind === "file" && name.endsWith("/") ? "directory" : kind;
}

/** Decimal, perhaps with a fraction, which is dropped. Times before the epoch are 0. */
function numberOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = /^-?\d+(?:\.\d*)?$/u.test(text) ? Math.max(0, Math.floor(Number(text))) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw new InvalidImageError(`a layer has a broken number in an extended header: ${JSON.stringify(text)}`);
  return value;
}

function xattrsOf(pax: ReadonlyMap<string, string> | undefined): ReadonlyMap<string, string> | undefined {
  const found = [...(pax ?? [])].filter(([key]) => key.startsWith(XATTR_PREFIX));
  if (found.length === 0) return undefined;
  return new Map(found.map(([key, value]) => [key.slice(XATTR_PREFIX.length), value]));
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
}
