import { expect, test } from "vitest";
import { differences } from "./difference.ts";

test.each([
  [{ a: 1 }, { a: 1 }, []],
  [{ a: { "b.c": 1 } }, { a: { "b.c": 2 } }, ['$.a["b.c"]']],
  [[1, 2], [1], ["$[1]"]],
  [{}, { a: null }, ["$.a"]],
  [{}, [], ["$"]],
  [null, {}, ["$"]],
])("%j and %j differ at %j", (a, b, places) => {
  expect(differences(a, b).map(({ at }) => at)).toEqual(places);
});
