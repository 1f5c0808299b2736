/**
 * Which row has which name in which directory, and their order: that in which names came. Rows are numbers from elsewhere; row 0 is the root and
 * has no name. A hash table finds names, and the children of a directory are a list: both as columns, since an image may have
 * millions of names.
 */
import { Column } from "./column.ts";
import { createNameHash } from "./name-hash.ts";
import type { TextStore } from "./text-store.ts";

const NONE = 0;
const SLOTS_MIN = 1024;
const FREE = 0;
const DELETED = 0xffff_ffff;
/** Of the slots, at most so many are in use. */
const LOAD_MAX = 0.6;

export class DirectoryTable {
  readonly #texts: TextStore;
  readonly #hashOf: (directory: number, name: string) => number;
  readonly #parent = new Column(Uint32Array);
  readonly #hash = new Column(Uint32Array);
  readonly #nameAt = new Column(Uint32Array);
  readonly #nameLength = new Column(Uint8Array);
  readonly #next = new Column(Uint32Array);
  readonly #previous = new Column(Uint32Array);
  readonly #first = new Column(Uint32Array);
  readonly #last = new Column(Uint32Array);
  /** Rows, at the place of their hash or behind it. */
  #slots = new Uint32Array(SLOTS_MIN);
  #used = 0;

  /** @param key random */
  constructor(texts: TextStore, key: Buffer) {
    this.#texts = texts;
    this.#hashOf = createNameHash(key);
  }

  /** The row of that name; undefined where there is none. */
  child(directory: number, name: string): number | undefined {
    const slot = this.#find(directory, name, this.#hashOf(directory, name));
    return slot === undefined ? undefined : this.#slots[slot];
  }

  /** Gives the row the name, at the place in the order of the row that has had it, or as the last. It must be new. */
  put(directory: number, name: string, row: number): void {
    const hash = this.#hashOf(directory, name);
    this.#parent.set(row, directory);
    this.#hash.set(row, hash);
    const slot = this.#find(directory, name, hash);
    const before = slot === undefined ? undefined : this.#slots[slot];
    if (slot !== undefined && before !== undefined) {
      this.#takePlace(row, before);
      this.#slots[slot] = row;
      return;
    }
    this.#nameAt.set(row, this.#texts.add(name));
    this.#nameLength.set(row, name.length);
    this.#append(directory, row);
    this.#grow();
    this.#insert(row, hash);
  }

  remove(row: number): void {
    const directory = this.#parent.get(row);
    this.#link(directory, this.#previous.get(row), this.#next.get(row));
    const slot = this.#find(directory, this.nameOf(row), this.#hash.get(row));
    if (slot !== undefined) this.#slots[slot] = DELETED;
  }

  nameOf(row: number): string {
    return this.#texts.read(this.#nameAt.get(row), this.#nameLength.get(row));
  }

  parentOf(row: number): number {
    return this.#parent.get(row);
  }

  firstChild(directory: number): number | undefined {
    return this.#first.get(directory) || undefined;
  }

  nextChild(row: number): number | undefined {
    return this.#next.get(row) || undefined;
  }

  #takePlace(row: number, before: number): void {
    this.#nameAt.set(row, this.#nameAt.get(before));
    this.#nameLength.set(row, this.#nameLength.get(before));
    const directory = this.#parent.get(row);
    this.#link(directory, this.#previous.get(before), row);
    this.#link(directory, row, this.#next.get(before));
  }

  #append(directory: number, row: number): void {
    this.#link(directory, this.#last.get(directory), row);
    this.#link(directory, row, NONE);
  }

  /** Makes them neighbours in the directory's list; none stands for its ends. */
  #link(directory: number, left: number, right: number): void {
    if (left === NONE) this.#first.set(directory, right);
    else this.#next.set(left, right);
    if (right === NONE) this.#last.set(directory, left);
    else this.#previous.set(right, left);
  }

  /** The slot that has it. */
  #find(directory: number, name: string, hash: number): number | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] ?? FREE;
      if (row === FREE) return undefined;
      if (row !== DELETED && this.#isNamed(row, directory, name, hash)) return slot;
    }
  }

  #isNamed(row: number, directory: number, name: string, hash: number): boolean {
    return (
      this.#hash.get(row) === hash &&
      this.#parent.get(row) === directory &&
      this.#nameLength.get(row) === name.length &&
      this.#texts.isAt(this.#nameAt.get(row), name)
    );
  }

  #insert(row: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== FREE) slot = (slot + 1) & mask;
    this.#slots[slot] = row;
    this.#used += 1;
  }

  #grow(): void {
    if (this.#used < this.#slots.length * LOAD_MAX) return;
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    this.#used = 0;
    for (const row of before) if (row !== FREE && row !== DELETED) this.#insert(row, this.#hash.get(row));
  }
}
