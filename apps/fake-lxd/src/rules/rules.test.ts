import { describe, expect, it } from "vitest";
import { seededRandom } from "../platform/seeded.ts";
import { RuleBook } from "./rules.ts";

const get = (path: string) => ({ request: { method: "GET", path } });

function run(seed: number): number[] {
  const rules = new RuleBook(seededRandom(seed));
  rules.add({ match: {}, action: { kind: "reset" }, probability: 0.3 });
  return Array.from({ length: 1000 }, () => rules.take(get("/")).length);
}

describe("rules", () => {
  it("apply to what they match and to nothing else", () => {
    const rules = new RuleBook(seededRandom(1));
    rules.add({ match: { method: "GET", path: /^\/1\.0\/instances\/a/ }, action: { kind: "error", status: 503 } });
    expect(rules.take(get("/1.0/instances/a/state"))).toHaveLength(1);
    expect(rules.take(get("/1.0/images"))).toEqual([]);
    expect(rules.take({ request: { method: "PUT", path: "/1.0/instances/a" } })).toEqual([]);
    expect(rules.take({ event: "lifecycle:instance-started" })).toEqual([]);
  });

  it("are gone after the given number of times, or when disposed", () => {
    const rules = new RuleBook(seededRandom(1));
    rules.add({ match: {}, action: { kind: "reset" }, times: 2 });
    expect([1, 2, 3].map(() => rules.take(get("/")).length)).toEqual([1, 1, 0]);
    const guard = rules.add({ match: {}, action: { kind: "reset" } });
    guard[Symbol.dispose]();
    expect(rules.take(get("/"))).toEqual([]);
  });

  it("with a probability apply equally under the same seed, and about as often as they should", () => {
    expect(run(7)).toEqual(run(7));
    const hits = run(7).reduce((sum, one) => sum + one, 0);
    expect(hits).toBeGreaterThan(200);
    expect(hits).toBeLessThan(400);
  });

  it("of a kind that a subject cannot suffer are not used up by it", () => {
    const rules = new RuleBook(seededRandom(1));
    rules.add({ match: { event: /x/ }, action: { kind: "drop-event" }, times: 1 });
    rules.take(get("/x"));
    expect(rules.take({ event: "lifecycle:x" })).toEqual([{ kind: "drop-event" }]);
  });
});
