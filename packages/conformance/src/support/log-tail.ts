/** What a log file has got since a moment. */
import { open, stat } from "node:fs/promises";

const SHOWN_BYTES = 32 * 1024;

export const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size;

/** From the offset on; of much, the end. */
export async function logSince(path: string, offset: number): Promise<string> {
  const size = await sizeOf(path);
  const start = Math.max(offset, size - SHOWN_BYTES);
  if (size <= start) return "";
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - start), position: start });
  return buffer.subarray(0, bytesRead).toString();
}
