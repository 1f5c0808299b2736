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

export function randomHex(random: Random, digits: number): string {
  let text = "";
  while (text.length < digits) text += randomInteger(random, 16).toString(16);
  return text;
}

/** A version 4 UUID. */
export function randomUuid(random: Random): string {
  const hex = randomHex(random, 32).split("");
  hex[12] = "4";
  hex[16] = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  const text = hex.join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}
