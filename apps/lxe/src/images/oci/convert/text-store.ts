/** Texts of an image's files outside of the heap that is searched for garbage. Text is latin1, one character for each byte. */
import { InvalidImageError } from "../errors.ts";

const CHUNK_BYTES = 256 * 1024;

export class TextStore {
  readonly #bytesMax: number;
  readonly #chunks: Buffer[] = [];
  #used = 0;
  #taken = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Counts what is kept elsewhere. @throws InvalidImageError where that is too much. */
  take(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken > this.#bytesMax) {
      throw new InvalidImageError(
        `the image's files have names, links and attributes of more than ${this.#bytesMax} bytes`,
      );
    }
  }

  /** Where it is from now on. At most as long as a path may be. @throws InvalidImageError as `take`. */
  add(text: string): number {
    this.take(text.length);
    const left = CHUNK_BYTES - (this.#used % CHUNK_BYTES);
    if (text.length > left) this.#used += left;
    const position = this.#used;
    const index = Math.floor(position / CHUNK_BYTES);
    while (this.#chunks.length <= index) this.#chunks.push(Buffer.allocUnsafeSlow(CHUNK_BYTES));
    this.#chunks[index]?.write(text, position % CHUNK_BYTES, "latin1");
    this.#used += text.length;
    return position;
  }

  read(position: number, length: number): string {
    const start = position % CHUNK_BYTES;
    return this.#chunks[Math.floor(position / CHUNK_BYTES)]?.toString("latin1", start, start + length) ?? "";
  }

  /** Whether the text is what lies there. */
  isAt(position: number, text: string): boolean {
    const chunk = this.#chunks[Math.floor(position / CHUNK_BYTES)];
    const start = position % CHUNK_BYTES;
    for (let index = 0; index < text.length; index += 1) {
      if (chunk?.[start + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  }
}
