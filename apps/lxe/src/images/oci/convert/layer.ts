/**
 * One layer on the host's disk: its tar archive, unpacked. It is checked while it is written, and nothing of it is kept in memory: what is
 * in it is read again from the disk.
 */
import { createHash } from "node:crypto";
import type { HostFile, HostFiles } from "../../../platform/host-files.ts";
import { InvalidImageError } from "../errors.ts";
import type { OciLimits } from "../limits.ts";
import { createTarScanner, type ScannedEntry } from "../tar/scanner.ts";
import type { Budget } from "./budget.ts";
import { unpack } from "./decompress.ts";

export interface Layer {
  /** Where its archive lies on the host. */
  readonly path: string;
}

interface LayerSource {
  /** As downloaded, verified. */
  readonly content: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** Digest that the image's config gives to the archive. */
  readonly diffId: string;
  /** For errors. */
  readonly what: string;
}

interface LayerDeps {
  readonly files: Pick<HostFiles, "openForAppending">;
  readonly limits: Pick<OciLimits, "tarMetaBytesMax">;
  readonly budget: Budget;
}

const ARCHIVE_MODE = 0o600;
const WINDOW_BYTES = 256 * 1024;

/** @throws InvalidImageError where the archive is broken, too large, or not the one that the image's config names. */
export async function storeLayer(
  { files, limits, budget }: LayerDeps,
  { content, diffId, what }: LayerSource,
  path: string,
  signal: AbortSignal,
): Promise<Layer> {
  const scanner = createTarScanner({ metaBytesMax: limits.tarMetaBytesMax, onEntry: () => budget.takeEntry() });
  const hash = createHash("sha256");
  const file = await files.openForAppending(path, ARCHIVE_MODE);
  try {
    const consume = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of bytes) {
        budget.takeBytes(chunk.length);
        hash.update(chunk);
        scanner.push(chunk);
        await writeAll(file, chunk);
      }
    };
    await unpack(content, what, consume, signal);
  } finally {
    await file.close();
  }
  scanner.end();
  const actual = `sha256:${hash.digest("hex")}`;
  if (actual !== diffId)
    throw new InvalidImageError(`${what} unpacks to ${actual}, but the image's config says ${diffId}`);
  return { path };
}

/** What a stored layer has, in its order, some at a time. Contents are passed over. */
export async function* layerEntries(
  files: Pick<HostFiles, "openForReading">,
  { tarMetaBytesMax }: Pick<OciLimits, "tarMetaBytesMax">,
  { path }: Layer,
): AsyncGenerator<readonly ScannedEntry[]> {
  let entries: ScannedEntry[] = [];
  const scanner = createTarScanner({ metaBytesMax: tarMetaBytesMax, onEntry: (entry) => void entries.push(entry) });
  const file = await files.openForReading(path);
  if (file === undefined) throw new Error(`a layer has vanished from the disk: ${path}`);
  try {
    const window = Buffer.allocUnsafe(WINDOW_BYTES);
    for (let position = 0; ; ) {
      const length = await file.read(window, position);
      if (length === 0) return;
      scanner.push(window.subarray(0, length));
      position += length + scanner.skipContent();
      yield entries;
      entries = [];
    }
  } finally {
    await file.close();
  }
}

async function writeAll(file: HostFile, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length; ) from += await file.write(bytes.subarray(from));
}
