/** Tar entries for tests. */
import type { ScannedEntry } from "../tar/scanner.ts";

const DEFAULTS: ScannedEntry = {
  kind: "file",
  name: "",
  linkname: "",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtimeS: 1_700_000_000,
  size: 0,
  devMajor: 0,
  devMinor: 0,
  xattrs: undefined,
  offset: 0,
};

/** A name alone is an empty file. */
export function scanned(entry: string | Partial<ScannedEntry>): ScannedEntry {
  return { ...DEFAULTS, ...(typeof entry === "string" ? { name: entry } : entry) };
}
