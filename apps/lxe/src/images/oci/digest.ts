/** Content addressing: what a registry or an image says that bytes are, and whether they are that. */
import { createHash, type Hash } from "node:crypto";
import { InvalidImageError } from "./errors.ts";

const HEX_DIGITS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** What the content behind a digest and a size must be; checked while it passes. */
export interface Expected {
  readonly digest: string;
  /** Bytes; undefined where nobody said. */
  readonly size: number | undefined;
  /** What it is, for the error. */
  readonly what: string;
}

/** Whether the digest is one that can be verified: sha256, sha384 or sha512, in lower case. */
export function isDigest(text: string): boolean {
  const { algorithm, hex } = split(text);
  return HEX_DIGITS[algorithm] === hex.length && /^[0-9a-f]+$/u.test(hex);
}

/** `sha256:` and the hex digits of the bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** @throws InvalidImageError for an algorithm that is not known here. */
export function hashFor(digest: string): Hash {
  if (!isDigest(digest))
    throw new InvalidImageError(`digest ${digest} cannot be verified: only sha256, sha384 and sha512 can`);
  return createHash(split(digest).algorithm);
}

/** @throws InvalidImageError where the bytes are not what they were said to be. */
export function checkBytes(bytes: Uint8Array, { digest, size, what }: Expected): void {
  if (size !== undefined && bytes.length !== size) throw wrongSize(what, size, bytes.length);
  const actual = `${split(digest).algorithm}:${hashFor(digest).update(bytes).digest("hex")}`;
  if (actual !== digest) throw wrongDigest(what, digest, actual);
}

/**
 * The same bytes, counted and hashed as they pass. Ends with InvalidImageError instead of a normal end where they are not what was
 * expected, and as soon as they are too many.
 */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  { digest, size, what }: Expected,
): AsyncGenerator<Uint8Array> {
  const hash = hashFor(digest);
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (size !== undefined && length > size) throw wrongSize(what, size, length);
    hash.update(chunk);
    yield chunk;
  }
  if (size !== undefined && length !== size) throw wrongSize(what, size, length);
  const actual = `${split(digest).algorithm}:${hash.digest("hex")}`;
  if (actual !== digest) throw wrongDigest(what, digest, actual);
}

function split(digest: string): { algorithm: string; hex: string } {
  const colon = digest.indexOf(":");
  return { algorithm: digest.slice(0, Math.max(0, colon)), hex: digest.slice(colon + 1) };
}

function wrongSize(what: string, expected: number, actual: number): InvalidImageError {
  const found = actual > expected ? "longer" : `truncated: ${actual} bytes`;
  return new InvalidImageError(`${what} should have ${expected} bytes and is ${found}`);
}

function wrongDigest(what: string, expected: string, actual: string): InvalidImageError {
  return new InvalidImageError(`${what} should be ${expected} and is ${actual}: its content was changed or damaged`);
}
