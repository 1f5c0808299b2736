/** Path name expansion. */
import { Errno } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import { lstat, readdir } from "../sys/files.ts";
import { S_IFDIR, S_IFLNK, S_IFMT } from "../vfs/types.ts";
import { compilePattern, hasMagic, unescapePattern } from "./pattern.ts";

/** Matching paths in byte order; empty when there are none. */
export function glob(process: Process, pattern: string): string[] {
  if (!hasMagic(pattern)) return [];
  const absolute = pattern.startsWith("/");
  const parts = pattern.split("/").filter((part) => part !== "");
  const trailing = pattern.endsWith("/");
  const found = expand(process, absolute ? "/" : "", parts);
  return trailing ? found.filter((path) => isDirectory(process, path)).map((path) => `${path}/`) : found;
}

function expand(process: Process, base: string, [part, ...rest]: string[]): string[] {
  if (part === undefined) return [base];
  const join = (name: string) => (base === "" || base === "/" ? `${base}${name}` : `${base}/${name}`);
  const names = hasMagic(part)
    ? matching(process, base, part)
    : present(process, join(unescapePattern(part)), unescapePattern(part));
  return names.flatMap((name) =>
    rest.length > 0 && !isDirectory(process, join(name)) ? [] : expand(process, join(name), rest),
  );
}

function present(process: Process, path: string, name: string): string[] {
  try {
    lstat(process, path);
    return [name];
  } catch (error) {
    if (error instanceof Errno) return [];
    throw error;
  }
}

function matching(process: Process, base: string, part: string): string[] {
  const expression = compilePattern(part);
  const hidden = part.startsWith(".") || part.startsWith("\\.");
  try {
    const names = readdir(process, base === "" ? "." : base);
    const all = hidden ? [".", "..", ...names] : names.filter((name) => !name.startsWith("."));
    return all.filter((name) => expression.test(name));
  } catch (error) {
    if (error instanceof Errno) return [];
    throw error;
  }
}

function isDirectory(process: Process, path: string): boolean {
  try {
    const kind = lstat(process, path).mode & S_IFMT;
    return kind === S_IFDIR || kind === S_IFLNK;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}
