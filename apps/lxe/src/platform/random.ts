/** Randomness, injected so that a seeded run repeats exactly. */
import { randomBytes } from "node:crypto";

export interface Random {
  bytes(count: number): Buffer;
  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** In [0, 1). For back-off jitter. */
  float(): number;
}

const FLOAT_BITS = 32;

function randomOver(bytes: (count: number) => Buffer): Random {
  return {
    bytes,
    hex: (digits) =>
      bytes(Math.ceil(digits / 2))
        .toString("hex")
        .slice(0, digits),
    float: () => bytes(FLOAT_BITS / 8).readUInt32LE() / 2 ** FLOAT_BITS,
  };
}

/** From the operating system; fit for ids that must not be guessed. */
export function createSystemRandom(): Random {
  return randomOver((count) => randomBytes(count));
}

/** The same sequence for the same seed; not fit for secrets. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  // splitmix32: one addition and two multiply-xorshift rounds per word.
  const nextWord = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
  return randomOver((count) => Buffer.from(Array.from({ length: count }, () => nextWord() & 0xff)));
}
