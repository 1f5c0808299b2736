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

/** A version 4 UUID. Each operation has one, so its text is put together in one go. */
export function randomUuid(random: Random): string {
  for (let digit = 0, at = 0; digit < 32; digit++, at++) {
    if (digit === 8 || digit === 12 || digit === 16 || digit === 20) at += 1;
    const value = randomInteger(random, 16);
    uuid[at] = HEX_DIGITS.charCodeAt(digit === 12 ? 4 : digit === 16 ? (value & 3) | 8 : value);
  }
  return uuid.toString("latin1");
}

const uuid = Buffer.from("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
