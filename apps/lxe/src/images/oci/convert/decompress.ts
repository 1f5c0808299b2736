/** Layers as the bytes of a tar archive, whatever they are packed with. */
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { InvalidImageError } from "../errors.ts";

type Bytes = AsyncIterable<Uint8Array>;

const MAGIC_BYTES = 4;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const CHUNK_BYTES = 256 * 1024;
/** 2^27 bytes: the most that the zstd tool itself uses without being told to. */
const ZSTD_WINDOW_LOG_MAX = 27;

/**
 * Calls `consume` with the unpacked bytes of what `open` gives, and waits for both. The content says how it is packed: media types are not
 * always right. `open`'s signal aborts as soon as the bytes are of no use any more: the source may wait for more of them. `what` is for errors.
 * @throws InvalidImageError for damaged data; errors of `open` and `consume` as they are.
 */
export async function unpack(
  open: (signal: AbortSignal) => Bytes,
  what: string,
  consume: (bytes: Bytes) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const useless = new AbortController();
  let first: unknown;
  const fail = (error: unknown): void => {
    first ??= error;
    useless.abort(error);
  };
  const watched = async (bytes: Bytes): Promise<void> => {
    try {
      await consume(bytes);
    } catch (error) {
      fail(error);
      throw error;
    }
  };
  const chunks = open(AbortSignal.any([signal, useless.signal]))[Symbol.asyncIterator]();
  try {
    const { beginning, whole } = await peek(chunks);
    const decoder = decoderFor(beginning);
    decoder?.once("error", fail);
    if (decoder === undefined) await watched(whole);
    else await pipeline(whole, decoder, watched, { signal });
  } catch (error) {
    // A source that ends because of it may be heard first.
    const cause = first ?? error;
    throw isPackingError(cause)
      ? new InvalidImageError(`${what} cannot be unpacked: ${cause.message}`, { cause })
      : cause;
  } finally {
    await chunks.return?.();
  }
}

function decoderFor(beginning: Buffer) {
  if (startsWith(beginning, GZIP_MAGIC)) return createGunzip({ chunkSize: CHUNK_BYTES });
  if (!startsWith(beginning, ZSTD_MAGIC)) return undefined;
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX };
  return createZstdDecompress({ chunkSize: CHUNK_BYTES, params });
}

/** The first bytes, and all bytes. */
async function peek(chunks: AsyncIterator<Uint8Array>): Promise<{ beginning: Buffer; whole: Bytes }> {
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < MAGIC_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    first.push(next.value);
    length += next.value.length;
  }
  return { beginning: Buffer.concat(first).subarray(0, MAGIC_BYTES), whole: join(first, chunks) };
}

async function* join(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}

/** Node's own codes of zlib and zstd. */
function isPackingError(error: unknown): error is Error {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && /^(?:Z_|ZSTD_)/u.test(error.code)
  );
}
