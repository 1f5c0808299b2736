/** Extended headers of tar archives: records `<length> <key>=<value>\n`. Text is latin1, one character for each byte. */

export const XATTR_PREFIX = "SCHILY.xattr.";

/** Undefined where the bytes are no records. The last of equal keys counts. */
export function readPax(bytes: Buffer): Map<string, string> | undefined {
  const records = new Map<string, string>();
  for (let start = 0; start < bytes.length; ) {
    const blank = bytes.indexOf(" ", start);
    const length = blank < 0 ? 0 : decimal(bytes.toString("latin1", start, blank));
    const end = start + length;
    if (length === 0 || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined;
    const record = bytes.toString("latin1", blank + 1, end - 1);
    const equals = record.indexOf("=");
    if (equals <= 0) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    start = end;
  }
  return records;
}

export function writePax(records: Iterable<readonly [string, string]>): Buffer {
  return Buffer.from([...records].map(([key, value]) => writeRecord(key, value)).join(""), "latin1");
}

/** The number at the beginning counts itself. */
function writeRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return `${length}${rest}`;
}

function decimal(text: string): number {
  return /^[0-9]{1,9}$/u.test(text) ? Number(text) : 0;
}
