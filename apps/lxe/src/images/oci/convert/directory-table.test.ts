import fc from "fast-check";
import { expect, it } from "vitest";
import { InvalidImageError } from "../errors.ts";
import { DirectoryTable } from "./directory-table.ts";
import { KEY_BYTES } from "./name-hash.ts";
import { TextStore } from "./text-store.ts";

const TEXT_BYTES_MAX = 1024 * 1024;

function childrenOf(table: DirectoryTable, directory: number): [string, number][] {
  const children: [string, number][] = [];
  for (let row = table.firstChild(directory); row !== undefined; row = table.nextChild(row)) {
    expect(table.parentOf(row)).toBe(directory);
    children.push([table.nameOf(row), row]);
  }
  return children;
}

it("finds and orders names as a map for each directory does, whatever the key", () => {
  const key = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });
  const name = fc.oneof(
    fc.constantFrom("a", "b", "abc", "abcd", "abcde"),
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 9 }),
  );
  const step = fc.record({ directory: fc.nat(2), name, isRemoval: fc.boolean() });
  fc.assert(
    fc.property(key, fc.array(step, { maxLength: 60 }), (bytes, steps) => {
      const table = new DirectoryTable(new TextStore(TEXT_BYTES_MAX), Buffer.from(bytes));
      const model = [0, 1, 2].map(() => new Map<string, number>());
      let row = model.length;
      for (const { directory, name: each, isRemoval } of steps) {
        const known = model[directory]?.get(each);
        expect(table.child(directory, each)).toBe(known);
        if (!isRemoval) {
          table.put(directory, each, row);
          model[directory]?.set(each, row);
          row += 1;
        } else if (known !== undefined) {
          table.remove(known);
          model[directory]?.delete(each);
        }
      }
      for (const [directory, children] of model.entries()) expect(childrenOf(table, directory)).toEqual([...children]);
    }),
  );
});

it("finds each of many names", () => {
  const table = new DirectoryTable(new TextStore(TEXT_BYTES_MAX), Buffer.alloc(KEY_BYTES, 7));
  const count = 20_000;
  const rows = Array.from({ length: count }, (_, index) => index + 1);
  for (const row of rows) table.put(0, `name-${row}`, row);
  expect(rows.filter((row) => table.child(0, `name-${row}`) !== row)).toEqual([]);
});

it("has room for so much text and no more", () => {
  const table = new DirectoryTable(new TextStore(5), Buffer.alloc(KEY_BYTES));
  table.put(0, "abc", 1);
  expect(() => table.put(0, "def", 2)).toThrow(InvalidImageError);
});
