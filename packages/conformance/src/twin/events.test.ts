import { describe, expect, it, test } from "vitest";
import type { LoggedEvent } from "./event-log.ts";
import { endedIn, ranIn, shutdownOf, unmatched, withoutLate } from "./events.ts";

const event = (status: string) => JSON.stringify({ id: "<uuid>", status });
const operation = (...statuses: string[]) => JSON.stringify(statuses.map(event).toSorted());
const lifecycle = (action: string) => JSON.stringify({ action });

describe("events that only one of the two has", () => {
  it("are none where both have the same, in any order", () => {
    const both = [operation("Pending", "Running", "Success"), lifecycle("instance-started")];
    expect(unmatched(both, both.toReversed())).toEqual({ fake: [], real: [] });
  });

  it("are none where LXD did not tell of a state on the way", () => {
    const fake = [operation("Pending", "Running", "Failure")];
    expect(unmatched(fake, [operation("Pending", "Failure")])).toEqual({ fake: [], real: [] });
  });

  it.each([
    ["an end", [operation("Pending", "Running", "Failure")], [operation("Pending", "Running")]],
    [
      "a state that the fake one lacks",
      [operation("Pending", "Failure")],
      [operation("Pending", "Running", "Failure")],
    ],
    ["another end", [operation("Pending", "Failure")], [operation("Pending", "Success")]],
    ["a lifecycle event", [lifecycle("instance-started")], []],
    ["one operation of two", [operation("Success"), operation("Success")], [operation("Success")]],
  ])("are told: %s", (_, fake, real) => {
    const { fake: onlyFake, real: onlyReal } = unmatched(fake, real);
    expect(onlyFake.length + onlyReal.length).toBeGreaterThan(0);
  });
});

const told = (id: string, status: string): LoggedEvent => ({
  type: "operation",
  project: "twin1",
  metadata: { id, status },
});

test("a state on the way that is told a step after the end is left out, an end is not", () => {
  const ended = new Set(endedIn([told("a", "Running"), told("b", "Pending"), told("b", "Failure")]));
  const later = [told("a", "Running"), told("b", "Running"), told("b", "Success"), told("c", "Pending")];
  expect(withoutLate(later, ended)).toEqual([told("a", "Running"), told("b", "Success"), told("c", "Pending")]);
});

function happened(action: string, source: string): LoggedEvent {
  return { type: "lifecycle", project: "default", metadata: { action, source } };
}

it("who has come to run is read from lifecycle events, without the project", () => {
  const events = [
    happened("instance-created", "/1.0/instances/a"),
    happened("instance-started", "/1.0/instances/b?project=twin"),
    happened("instance-renamed", "/1.0/instances/c"),
    told("d", "Success"),
  ];
  expect(ranIn(events)).toEqual(["/1.0/instances/b", "/1.0/instances/c"]);
});

it("the instance that has shut down by itself is read from a lifecycle event only", () => {
  const source = "/1.0/instances/a";
  expect(shutdownOf(JSON.stringify({ project: "default", action: "instance-shutdown", source }))).toBe(source);
  expect(shutdownOf(JSON.stringify({ project: "default", action: "instance-started", source }))).toBeUndefined();
  expect(shutdownOf(operation("Pending", "Success"))).toBeUndefined();
});
