import { ContainerState } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { CONTAINER_ID, containerRecord, SANDBOX_ID, sandboxRecord } from "../model/testing/records.ts";
import { Index } from "./index.ts";

const container = (id: string, instance = `i-${id}`) => containerRecord({ id, instance });

function filled(): Index {
  const index = new Index();
  index.put(sandboxRecord());
  for (const id of ["abc1", "abc2", "ab", "xyz"]) index.put(container(id));
  return index;
}

describe("a look-up by id", () => {
  it.each([
    ["abc1", "abc1"],
    ["xyz", "xyz"],
    ["x", "xyz"],
    ["ab", "ab"], // a whole id, though two others begin so
    ["nope", undefined],
    ["abc11", undefined],
    ["", undefined],
  ])("of %j finds %j", (asked, id) => {
    expect(filled().findContainer(asked)?.id).toBe(id);
  });

  it("refuses a prefix of several by the name of the field", () => {
    expect(() => filled().findContainer("abc")).toThrow(/container_id "abc" is ambiguous: 2 ids/);
    expect(() => filled().container("abc")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it("says NotFound where something must be there", () => {
    const index = filled();
    expect(() => index.container("nope")).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    expect(() => index.sandbox("nope")).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    expect(index.sandbox("55").id).toBe(SANDBOX_ID);
  });

  it.each([
    ["x", "xyz"],
    ["ab", "ab"],
    ["abc", "abc"], // several: it means nothing, as an unknown one does
    ["nope", "nope"],
  ])("in a filter takes %j for %j", (asked, expected) => {
    expect(filled().expandContainerId(asked)).toBe(expected);
  });

  it("in a filter takes a sandbox's beginning for it", () => {
    expect(filled().expandSandboxId("5")).toBe(SANDBOX_ID);
    expect(filled().expandSandboxId("6")).toBe("6");
  });
});

describe("the index", () => {
  it("shows nothing that is withheld until it is released", () => {
    const index = new Index();
    const [sandbox, container] = [sandboxRecord(), containerRecord()];
    for (const record of [sandbox, container]) {
      index.withhold(record.instance, "key");
      index.put(record);
    }
    expect([[...index.sandboxes()], [...index.containers()]]).toEqual([[], []]);
    expect(index.withheldOf("key")).toEqual([sandbox.instance, container.instance]);
    expect(index.withheldOf("other")).toEqual([]);
    for (const { instance } of [sandbox, container]) index.release(instance);
    expect(index.withheldOf("key")).toEqual([]);
    expect([[...index.sandboxes()], [...index.containers()]]).toEqual([[sandbox], [container]]);
  });

  it("does not come to show a container as running whose start is being undone", () => {
    const index = new Index();
    const running = containerRecord({ state: ContainerState.CONTAINER_RUNNING });
    const state = (): ContainerState => index.container(running.id).state;
    const undoing = index.undoStart(running.id);
    index.put(running);
    expect(state()).toBe(ContainerState.CONTAINER_CREATED);
    index.put({ ...running, state: ContainerState.CONTAINER_EXITED });
    expect(state()).toBe(ContainerState.CONTAINER_EXITED);
    undoing[Symbol.dispose]();
    index.put(running);
    expect(state()).toBe(ContainerState.CONTAINER_RUNNING);
  });

  it("does not list a sandbox that is still being made", () => {
    const index = new Index();
    index.put(sandboxRecord({ starting: true }));
    expect([...index.sandboxes()]).toEqual([]);
    expect([...index.instances()]).toHaveLength(1);
  });

  it("forgets a container everywhere", () => {
    const index = filled();
    index.removeInstance("i-xyz");
    expect(index.findContainer("xyz")).toBeUndefined();
    expect(index.byInstance("i-xyz")).toBeUndefined();
    expect(index.containersOf(SANDBOX_ID).map(({ id }) => id)).toEqual(["abc1", "abc2", "ab"]);
    expect([...index.containers()]).toHaveLength(3);
  });

  it("forgets nothing for a name that it does not know", () => {
    const index = filled();
    index.removeInstance("nope");
    expect([...index.instances()]).toHaveLength(5);
  });

  it("holds one record for an instance that was made anew under its name", () => {
    const index = new Index();
    index.put(container("old", "same"));
    index.put(container("new", "same"));
    expect(index.findContainer("old")).toBeUndefined();
    expect(index.byInstance("same")?.id).toBe("new");
    expect([...index.containers()].map(({ id }) => id)).toEqual(["new"]);
    expect(index.containersOf(SANDBOX_ID).map(({ id }) => id)).toEqual(["new"]);
  });

  it("tells of each change until nobody listens any more", () => {
    const index = new Index();
    const told: string[] = [];
    const stop = index.onChange((id) => told.push(id));
    index.put(container("a"));
    index.removeInstance("i-a");
    stop();
    index.put(container("b"));
    expect(told).toEqual(["a", "a"]);
  });
});

describe("waiting for a container", () => {
  const exited = { state: ContainerState.CONTAINER_EXITED };
  const isExited = ({ state }: { state: ContainerState }) => state === exited.state;

  it.each([
    { what: "it meets the condition already", change: undefined, first: containerRecord(exited) },
    { what: "it comes to meet it", change: "put", first: containerRecord() },
    { what: "it is gone", change: "remove", first: containerRecord() },
    { what: "it was never there", change: undefined, first: undefined },
  ])("ends when $what", async ({ change, first }) => {
    const index = new Index();
    if (first) index.put(first);
    const waiting = index.waitForContainer(CONTAINER_ID, isExited);
    index.put(container("another"));
    if (change === "put") index.put(containerRecord(exited));
    if (change === "remove") index.removeInstance(containerRecord().instance);
    await expect(waiting).resolves.toBeUndefined();
  });

  it.each(["before", "meanwhile"])("ends with the caller's reason when it gave up %s", async (when) => {
    const index = new Index();
    index.put(containerRecord());
    const caller = new AbortController();
    if (when === "before") caller.abort(new Error("gone"));
    const waiting = index.waitForContainer(CONTAINER_ID, isExited, caller.signal);
    caller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
  });
});
