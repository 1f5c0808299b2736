import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSystemRandom } from "../platform/random.ts";
import { containerInstanceName, containerKey, newId, sandboxInstanceName, sandboxKey } from "./names.ts";

/** LXD's rule for the name of an instance. */
const LXD_NAME = /^(?=.{1,63}$)[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;

const anyName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: fc.constantFrom("-", ".", "a", "0", "_"), maxLength: 80 }),
);
const pod = fc.record({ name: anyName, namespace: anyName, uid: anyName, attempt: fc.nat() });
const container = fc.record({ name: anyName, attempt: fc.nat() });

const WEB = { name: "web", namespace: "default", uid: "u1", attempt: 0 };
const APP = { name: "app", attempt: 0 };

describe("the name of an instance", () => {
  it("is one that LXD takes, whatever the pod and the container are called", () => {
    fc.assert(
      fc.property(pod, container, (sandbox, app) => {
        const instance = sandboxInstanceName(sandbox, sandboxKey(sandbox));
        expect(instance).toMatch(LXD_NAME);
        expect(containerInstanceName(instance, app, containerKey("id", app))).toMatch(LXD_NAME);
      }),
    );
  });

  it("is the same for the same key", () => {
    fc.assert(
      fc.property(pod, (sandbox) => {
        const again = { ...sandbox };
        expect(sandboxInstanceName(again, sandboxKey(again))).toBe(sandboxInstanceName(sandbox, sandboxKey(sandbox)));
      }),
    );
  });

  it.each([
    { ...WEB, name: "web2" },
    { ...WEB, namespace: "other" },
    { ...WEB, uid: "u2" },
    { ...WEB, attempt: 1 },
    // the same text, divided otherwise
    { ...WEB, namespace: "defaultweb", name: "" },
  ])("is another for another key: $namespace/$name $uid $attempt", (other) => {
    expect(sandboxInstanceName(other, sandboxKey(other))).not.toBe(sandboxInstanceName(WEB, sandboxKey(WEB)));
  });

  it("of a container is another for each attempt, and in each sandbox", () => {
    const names = [
      containerInstanceName("s", APP, containerKey("1", APP)),
      containerInstanceName("s", APP, containerKey("2", APP)),
      containerInstanceName("s", APP, containerKey("1", { ...APP, attempt: 1 })),
    ];
    expect(new Set(names).size).toBe(3);
  });

  it("tells people what it is", () => {
    const instance = sandboxInstanceName(WEB, sandboxKey(WEB));
    expect(instance).toMatch(/^web-[0-9a-f]{8}$/);
    expect(containerInstanceName(instance, APP, containerKey("id", APP))).toMatch(/^web-[0-9a-f]{8}-app-[0-9a-f]{6}$/);
  });

  it("of a container sorts behind its sandbox's", () => {
    fc.assert(
      fc.property(pod, container, (sandbox, app) => {
        const instance = sandboxInstanceName(sandbox, sandboxKey(sandbox));
        const inside = containerInstanceName(instance, app, containerKey("id", app));
        expect([inside, instance].toSorted()).toEqual([instance, inside]);
      }),
    );
  });
});

describe("an id", () => {
  it("is 64 hex digits, begins as its key, and is a new one each time", () => {
    const random = createSystemRandom();
    const key = sandboxKey(WEB);
    const [one, two] = [newId(key, random), newId(key, random)];
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(one).not.toBe(two);
    expect(one.slice(0, 12)).toBe(key.slice(0, 12));
  });

  it("begins with the hex digits of its instance's name", () => {
    const key = sandboxKey(WEB);
    const digits = sandboxInstanceName(WEB, key).slice(-8);
    expect(newId(key, createSystemRandom()).startsWith(digits)).toBe(true);
  });
});
