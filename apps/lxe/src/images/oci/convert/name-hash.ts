/**
 * Hashes of names within directories: HalfSipHash-1-3 over the directory's number and the name's bytes. Who does not know the key cannot make
 * an image whose names all have the same hash, which would take an eternity to look up. Pure.
 */
export const KEY_BYTES = 8;

const V2 = 0x6c796765;
const V3 = 0x74656462;
const END_MARK = 0xff;
const LAST_ROUNDS = 3;

export function createNameHash(key: Buffer): (directory: number, name: string) => number {
  const key0 = key.readInt32LE(0);
  const key1 = key.readInt32LE(4);
  let [v0, v1, v2, v3] = [0, 0, 0, 0];

  function round(): void {
    v0 = (v0 + v1) | 0;
    v1 = rotated(v1, 5) ^ v0;
    v0 = rotated(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotated(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotated(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotated(v1, 13) ^ v2;
    v2 = rotated(v2, 16);
  }

  function word(value: number): void {
    v3 ^= value;
    round();
    v0 ^= value;
  }

  return (directory, name) => {
    v0 = key0;
    v1 = key1;
    v2 = V2 ^ key0;
    v3 = V3 ^ key1;
    word(directory);
    let rest = 0;
    let shift = 0;
    for (let index = 0; index < name.length; index += 1) {
      rest |= name.charCodeAt(index) << shift;
      shift = (shift + 8) & 31;
      if (shift !== 0) continue;
      word(rest);
      rest = 0;
    }
    word(rest | ((name.length + 4) << 24));
    v2 ^= END_MARK;
    for (let count = 0; count < LAST_ROUNDS; count += 1) round();
    return (v1 ^ v3) >>> 0;
  };
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
