import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSeededRandom, createSystemRandom } from "../platform/random.ts";
import { containerInstanceName, containerKey, isSameSandbox, newContainerId, newSandbox, sandboxKey } from "./names.ts";

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
const random = createSystemRandom();
const free = (): boolean => false;
/** Of what has another name key than WEB. */
const OTHERS = [
  { ...WEB, name: "web2" },
  { ...WEB, namespace: "other" },
  { ...WEB, uid: "u2" },
  { ...WEB, attempt: 1 },
  // the same text, divided otherwise
  { ...WEB, namespace: "defaultweb", name: "" },
];

describe("the name of an instance", () => {
  it("is one that LXD takes, whatever the pod and the container are called", () => {
    fc.assert(
      fc.property(pod, container, (sandbox, app) => {
        const instance = newSandbox(sandbox, random, free).instance;
        expect(instance).toMatch(LXD_NAME);
        expect(containerInstanceName(instance, app, containerKey("id", app))).toMatch(LXD_NAME);
      }),
    );
  });

  it("is another each time that a pod's sandbox is made: what LXD does late must not reach the next one", () => {
    const names = Array.from({ length: 20 }, () => newSandbox(WEB, random, free).instance);
    expect(new Set(names).size).toBe(names.length);
  });

  it("is none that is there: what cannot be made is removed by its name", () => {
    const taken = newSandbox(WEB, createSeededRandom(1), free).instance;
    const { id, instance } = newSandbox(WEB, createSeededRandom(1), (name) => name === taken);
    expect(instance).not.toBe(taken);
    expect(id.startsWith(instance.slice(-8))).toBe(true);
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
    const instance = newSandbox(WEB, random, free).instance;
    expect(instance).toMatch(/^web-[0-9a-f]{8}$/);
    expect(containerInstanceName(instance, APP, containerKey("id", APP))).toMatch(/^web-[0-9a-f]{8}-app-[0-9a-f]{6}$/);
  });

  it("of a container sorts behind its sandbox's", () => {
    fc.assert(
      fc.property(pod, container, (sandbox, app) => {
        const instance = newSandbox(sandbox, random, free).instance;
        const inside = containerInstanceName(instance, app, containerKey("id", app));
        expect([inside, instance].toSorted()).toEqual([instance, inside]);
      }),
    );
  });
});

describe("the name key of a sandbox", () => {
  it("is the same for the same names", () => {
    fc.assert(
      fc.property(pod, (sandbox) => {
        expect(sandboxKey({ ...sandbox })).toBe(sandboxKey(sandbox));
        expect(isSameSandbox({ ...sandbox }, sandbox)).toBe(true);
      }),
    );
  });

  it.each(OTHERS)("is another for $namespace/$name $uid $attempt", (other) => {
    expect(sandboxKey(other)).not.toBe(sandboxKey(WEB));
    expect(isSameSandbox(other, WEB)).toBe(false);
  });
});

describe("an id", () => {
  it("is 64 hex digits, and a new one each time", () => {
    const key = containerKey("1", APP);
    const ids = [
      newSandbox(WEB, random, free).id,
      newSandbox(WEB, random, free).id,
      newContainerId(key, random),
      newContainerId(key, random),
    ];
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("begins with the hex digits of its instance's name", () => {
    const { id, instance } = newSandbox(WEB, random, free);
    expect(id.startsWith(instance.slice(-8))).toBe(true);
    const key = containerKey(id, APP);
    expect(newContainerId(key, random).startsWith(containerInstanceName("s", APP, key).slice(-6))).toBe(true);
  });
});
