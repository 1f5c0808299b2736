/**
 * Byte strings. Inside the guest every string (argument, file name, environment, shell text) is a "byte string": each
 * character is one byte, 0 to 255. So any bytes survive, and `${#x}` counts bytes as busybox does. The edges of the guest
 * kernel convert.
 */

/** The same in every encoding here: nearly all that there is. */
function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** Text of the host (UTF-16) to a byte string (its UTF-8 bytes). */
export function toBytes(text: string): string {
  if (isAscii(text)) return text;
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A byte string to text of the host; invalid UTF-8 becomes U+FFFD. */
export function fromBytes(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  return Buffer.from(bytes, "latin1").toString("utf8");
}

export function toBuffer(bytes: string): Buffer {
  return Buffer.from(bytes, "latin1");
}

export function fromBuffer(buffer: Uint8Array): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).toString("latin1");
}
