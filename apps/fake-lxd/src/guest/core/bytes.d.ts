/**
 * Byte strings. Inside the guest every string (argument, file name, environment, shell text) is a "byte string": each
 * character is one byte, 0 to 255. So any bytes survive, and `${#x}` counts bytes as busybox does. The edges of the guest
 * kernel convert.
 */
/** Text of the host (UTF-16) to a byte string (its UTF-8 bytes). */
export declare function toBytes(text: string): string;
/** A byte string to text of the host; invalid UTF-8 becomes U+FFFD. */
export declare function fromBytes(bytes: string): string;
export declare function toBuffer(bytes: string): Buffer;
export declare function fromBuffer(buffer: Uint8Array): string;
