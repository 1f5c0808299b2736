/** Headers of a tar archive that GNU tar and others read: ustar, with PAX records for what does not fit. */
import { BLOCK_BYTES, paddingOf, type TarEntry, type TarKind } from "./entry.ts";
import { ID_MAX, NAME_BYTES_MAX, SIZE_MAX, writeHeader } from "./header.ts";
import { writePax, XATTR_PREFIX } from "./pax.ts";

const TYPES: Readonly<Record<TarKind, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};
const PAX_TYPE = "x";
const PAX_NAME = "PaxHeader";

/** What stands before the entry's content. The content must be `size` bytes, with `paddingOf(size)` zeros behind it. */
export function entryHeader(entry: TarEntry): Buffer {
  const header = writeHeader(entry, TYPES[entry.kind]);
  const records = paxRecords(entry);
  if (records.length === 0) return header;
  const pax = writePax(records);
  const paxHeader = writeHeader(
    { ...entry, name: PAX_NAME, linkname: "", mode: 0o644, uid: 0, gid: 0, size: pax.length, devMajor: 0, devMinor: 0 },
    PAX_TYPE,
  );
  return Buffer.concat([paxHeader, pax, Buffer.alloc(paddingOf(pax.length)), header]);
}

/** What stands behind the last entry. */
export function archiveEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK_BYTES);
}

function paxRecords({ name, linkname, size, uid, gid, mtimeS, xattrs }: TarEntry): [string, string][] {
  const records: [string, string][] = [];
  if (name.length > NAME_BYTES_MAX) records.push(["path", name]);
  if (linkname.length > NAME_BYTES_MAX) records.push(["linkpath", linkname]);
  if (size > SIZE_MAX) records.push(["size", String(size)]);
  if (uid > ID_MAX) records.push(["uid", String(uid)]);
  if (gid > ID_MAX) records.push(["gid", String(gid)]);
  if (mtimeS > SIZE_MAX) records.push(["mtime", String(mtimeS)]);
  for (const [key, value] of xattrs ?? []) records.push([`${XATTR_PREFIX}${key}`, value]);
  return records;
}
