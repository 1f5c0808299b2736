/**
 * A number for each row of a table. The numbers lie outside of the heap that is searched for garbage, and growing copies none of them. Row
 * after row is set for the first time.
 */
type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

const CHUNK_BITS = 13;
const CHUNK_ROWS = 2 ** CHUNK_BITS;
const ROW_MASK = CHUNK_ROWS - 1;

export class Column {
  readonly #type: new (
    length: number,
  ) => Numbers;
  readonly #chunks: Numbers[] = [];

  constructor(type: new (length: number) => Numbers) {
    this.#type = type;
  }

  /** 0 where nothing was set. */
  get(row: number): number {
    return this.#chunks[row >>> CHUNK_BITS]?.[row & ROW_MASK] ?? 0;
  }

  set(row: number, value: number): void {
    const index = row >>> CHUNK_BITS;
    while (this.#chunks.length <= index) this.#chunks.push(new this.#type(CHUNK_ROWS));
    const chunk = this.#chunks[index];
    if (chunk !== undefined) chunk[row & ROW_MASK] = value;
  }
}
