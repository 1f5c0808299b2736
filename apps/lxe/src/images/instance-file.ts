/** A small text file of an instance, found as a process in it would find it. */
import { posix } from "node:path";
import { type InstanceFileEntry, isLxdError, type LxdClient } from "@lxe/lxd-client";
import { SYMLINKS_MAX } from "./limits.ts";

type Files = Pick<LxdClient["instances"]["files"], "get">;

/**
 * The text at `path`, at most `bytesMax` bytes of it. Empty where there is no file, a directory, or links in a circle.
 * Symbolic links in the last place are followed here, inside the instance; those before it LXD follows there.
 */
export async function readInstanceText(
  files: Files,
  instance: string,
  path: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<string> {
  let place = path;
  for (let links = 0; links <= SYMLINKS_MAX; links += 1) {
    const entry = await getEntry(files, instance, place, signal);
    if (entry?.type === "file") return await readText(entry.content, bytesMax);
    if (entry?.type !== "symlink") return "";
    place = posix.resolve(posix.dirname(place), entry.target);
  }
  return "";
}

/** Those of the paths that are symbolic links, with the absolute path that each leads to in the end. */
export async function readLinks(
  files: Files,
  instance: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const links: Record<string, string> = {};
  for (const path of paths) {
    let place = path;
    for (let count = 0; count < SYMLINKS_MAX; count += 1) {
      const entry = await getEntry(files, instance, place, signal);
      if (entry?.type === "file") entry.content.destroy();
      if (entry?.type !== "symlink") break;
      place = posix.resolve(posix.dirname(place), entry.target);
    }
    if (place !== path) links[path] = place;
  }
  return links;
}

async function getEntry(
  files: Files,
  instance: string,
  path: string,
  signal: AbortSignal,
): Promise<InstanceFileEntry | undefined> {
  try {
    return await files.get(instance, path, { signal });
  } catch (error) {
    if (isLxdError(error, "not-found")) return undefined;
    throw error;
  }
}

async function readText(content: AsyncIterable<unknown>, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop early destroys the stream.
  for await (const chunk of content) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("a file's content comes as bytes");
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length >= bytesMax) break;
  }
  return Buffer.concat(chunks).subarray(0, bytesMax).toString();
}
