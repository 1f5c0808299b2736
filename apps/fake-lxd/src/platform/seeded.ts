/** Randomness from one seed: the same seed and the same calls give the same ids, secrets and addresses. */
import type { Random } from "./types.ts";

/** Mulberry32. Good enough for ids and dice, useless for cryptography. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

export function randomInteger(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

const HEX_DIGITS = "0123456789abcdef";

export function randomHex(random: Random, digits: number): string {
  let text = "";
  while (text.length < digits) text += HEX_DIGITS.charAt(randomInteger(random, 16));
  return text;
}

/** A version 4 UUID. */
export function randomUuid(random: Random): string {
  const hex = randomHex(random, 32);
  const variant = HEX_DIGITS.charAt((HEX_DIGITS.indexOf(hex.charAt(16)) & 3) | 8);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
