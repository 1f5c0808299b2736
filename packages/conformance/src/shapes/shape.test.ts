import { expect, test } from "vitest";
import { merged, misfits, shapeOf } from "./shape.ts";

const known = merged(shapeOf({ a: 1, b: null, list: [{ x: "" }] }), shapeOf({ a: 2, c: true, b: "", list: [] }));

test.each([
  [{ a: 5, b: "x", list: [] }, []],
  [{ a: 5, b: null, c: false, list: [{ x: "y" }] }, []],
  [{ b: "x", list: [] }, ["$.a is not always there"]],
  [{ a: 5, b: 6, list: [] }, ["$.b is number, not null or string"]],
  [{ a: 5, b: "", d: 1, list: [] }, ["$.d is unknown"]],
  [{ a: 5, b: "", list: [{ x: "", y: 1 }] }, ["$.list[].y is unknown"]],
  [[], ["$ is array, not object"]],
])("%j differs at %j", (value, expected) => {
  expect(misfits(shapeOf(value), known)).toEqual(expected);
});

test("keys of maps are data", () => {
  const map = shapeOf({ config: { one: "1" }, devices: { eth0: { type: "nic" } } });
  expect(misfits(shapeOf({ config: { other: "" }, devices: { d: { path: "/" } } }), map)).toEqual([]);
  expect(misfits(shapeOf({ config: { other: 1 }, devices: {} }), map)).toEqual(["$.config.* is number, not string"]);
});
