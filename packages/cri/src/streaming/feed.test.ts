import { describe, expect, it } from "vitest";
import { Feed } from "./feed.ts";

async function collect<T>(feed: Feed<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of feed) all.push(value);
  return all;
}

describe("a feed", () => {
  it("gives values in order, those before and those after someone waits", async () => {
    const feed = new Feed<number>(10);
    feed.push(1);
    const all = collect(feed);
    feed.push(2);
    await Promise.resolve();
    feed.push(3);
    feed.end();
    await expect(all).resolves.toEqual([1, 2, 3]);
  });

  it("drops the oldest beyond its bound", async () => {
    const dropped: number[] = [];
    const feed = new Feed<number>(2, (value) => dropped.push(value));
    for (const value of [1, 2, 3, 4]) feed.push(value);
    feed.end();
    await expect(collect(feed)).resolves.toEqual([3, 4]);
    expect(dropped).toEqual([1, 2]);
  });

  it("drops what comes when nobody iterates any more", async () => {
    const dropped: number[] = [];
    const feed = new Feed<number>(10, (value) => dropped.push(value));
    for (const value of [1, 2, 3]) feed.push(value);
    for await (const value of feed) if (value === 1) break;
    feed.push(4);
    expect(dropped).toEqual([2, 3, 4]);
  });
});
