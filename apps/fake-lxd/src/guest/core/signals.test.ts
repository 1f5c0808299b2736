import { expect, test } from "vitest";
import { signalName, signalNumber } from "./signals.ts";

test.each([
  ["TERM", 15],
  ["SIGKILL", 9],
  ["int", 2],
  ["15", 15],
  ["EXIT", 0],
  ["RTMIN", 34],
  ["RTMIN+3", 37],
  ["RTMAX-1", 63],
  ["PWR", 30],
  ["IOT", 6],
])("%s is %i", (name, number) => {
  expect(signalNumber(name)).toBe(number);
});

test.each(["NOPE", "RTMIN+99", "65", ""])("%j is no signal", (name) => {
  expect(signalNumber(name)).toBeUndefined();
});

test("names are those that numbers came from", () => {
  for (let number = 1; number <= 64; number++) {
    if (number === 32 || number === 33) continue;
    expect(signalNumber(signalName(number))).toBe(number);
  }
});
