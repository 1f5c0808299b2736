/** The images of the pull benchmark: files of many sizes whose content packs about as well as programs and libraries do. */
import { sha256, tarOf, type TestFile, type TestImage, type TestLayer, testImage } from "lxe/testing/registry";
import { gzipSync } from "node:zlib";

const MIB = 1024 * 1024;
/** As in a distribution's image: many small files, a few large ones. */
const FILE_BYTES = [200, 900, 2_500, 6_000, 14_000, 40_000, 150_000, 900_000];
const SMALL_FILE_BYTES = 200;
const POOL_BYTES = 8 * MIB;
const FILES_IN_DIRECTORY = 50;
const NOISE_BYTES_MAX = 12;
const MATCH_BYTES_MIN = 6;
const MATCH_BYTES_MAX = 26;
const MATCH_DISTANCE_MAX = 16_000;

/** Of so many layers, which are `unpackedMb` together; different for each seed. */
export function benchImage(seed: number, unpackedMb: number, layers: number): TestImage {
  const pool = packable(seed);
  const bytes = (unpackedMb * MIB) / layers;
  return testImage({
    layers: Array.from({ length: layers }, (_, index) => packed(tarOf(filesOf(pool, `layer-${index}`, bytes)))),
    run: { Cmd: ["/bin/true"] },
  });
}

/** One layer of nothing but small files. */
export function manyFilesImage(seed: number, count: number): TestImage {
  const files = filesOf(packable(seed), "files", count * SMALL_FILE_BYTES, [SMALL_FILE_BYTES]);
  return testImage({ layers: [packed(tarOf(files))], run: { Cmd: ["/bin/true"] } });
}

/** Level 1: an image's making is not what is measured. */
function packed(archive: Buffer): TestLayer {
  const bytes = gzipSync(archive, { level: 1 });
  return {
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    bytes,
    digest: sha256(bytes),
    diffId: sha256(archive),
  };
}

function filesOf(pool: Buffer, directory: string, total: number, sizes: readonly number[] = FILE_BYTES): TestFile[] {
  const files: TestFile[] = [];
  for (let left = total, index = 0; left > 0; index += 1) {
    const length = Math.min(left, sizes[index % sizes.length] ?? 1);
    const start = (index * 7_919) % (POOL_BYTES - length);
    const name = `${directory}/${Math.floor(index / FILES_IN_DIRECTORY)}/file-${index}`;
    files.push({ name, content: pool.subarray(start, start + length) });
    left -= length;
  }
  return files;
}

/** Noise in between of what was there before. */
function packable(seed: number): Buffer {
  const random = numbers(seed);
  const pool = Buffer.alloc(POOL_BYTES);
  for (let at = 0; at < POOL_BYTES; ) {
    const noise = random(NOISE_BYTES_MAX) + 1;
    for (let end = at + noise; at < end && at < POOL_BYTES; at += 1) pool[at] = random(256);
    const from = Math.max(0, at - 1 - random(MATCH_DISTANCE_MAX));
    const length = MATCH_BYTES_MIN + random(MATCH_BYTES_MAX - MATCH_BYTES_MIN);
    at += pool.copy(pool, at, from, Math.min(from + length, at));
  }
  return pool;
}

/** A generator of whole numbers below a bound (Marsaglia's xorshift). */
function numbers(seed: number): (bound: number) => number {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
