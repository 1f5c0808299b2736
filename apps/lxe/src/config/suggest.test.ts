import { expect, test } from "vitest";
import { nearest } from "./suggest.ts";

test.each([
  ["sokcet", "socket"],
  ["lxd-soket", "lxd-socket"],
  ["lxdsocket", "lxd-socket"],
  ["LOG-LEVEL", "log-level"],
  ["", "socket"],
])("%j means %j", (text, meant) => {
  expect(nearest(text, ["socket", "lxd-socket", "log-level"])).toBe(meant);
});
