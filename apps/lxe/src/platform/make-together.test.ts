import { expect, it } from "vitest";
import { makeTogether } from "./make-together.ts";

function thing(name: string, ended: string[]): AsyncDisposable & { name: string } {
  return { name, [Symbol.asyncDispose]: async () => void ended.push(name) };
}

it("gives all in their order, and ends all", async () => {
  const ended: string[] = [];
  {
    await using together = await makeTogether([Promise.resolve(thing("a", ended)), Promise.resolve(thing("b", ended))]);
    expect(together.all.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(ended).toEqual([]);
  }
  expect(ended.toSorted()).toEqual(["a", "b"]);
});

it("ends what was made when one cannot be made, also what is made later", async () => {
  const ended: string[] = [];
  const late = Promise.withResolvers<AsyncDisposable>();
  const making = makeTogether([
    Promise.resolve(thing("early", ended)),
    Promise.reject(new Error("no room")),
    late.promise,
  ]);
  late.resolve(thing("late", ended));
  await expect(making).rejects.toThrow("no room");
  expect(ended.toSorted()).toEqual(["early", "late"]);
});
