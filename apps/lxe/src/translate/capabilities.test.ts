import { Capability } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { allCapabilities, boundingForGroups, keptCapabilities, lxcKeep } from "./capabilities.ts";

const DEFAULTS = [0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31];
const ALL = Array.from({ length: 41 }, (_, number) => number);
const NET_ADMIN = 12;
const SYS_ADMIN = 21;

const kept = (add: string[] = [], drop: string[] = []) =>
  keptCapabilities(Capability.fromPartial({ addCapabilities: add, dropCapabilities: drop }));

describe("the capabilities of an app", () => {
  it.each<{ add?: string[]; drop?: string[]; expected: number[] }>([
    { expected: DEFAULTS },
    { add: ["NET_ADMIN"], expected: [...DEFAULTS, NET_ADMIN] },
    { add: ["CAP_NET_ADMIN"], expected: [...DEFAULTS, NET_ADMIN] },
    { add: ["net_admin"], expected: [...DEFAULTS, NET_ADMIN] },
    { drop: ["CHOWN"], expected: DEFAULTS.slice(1) },
    { drop: ["ALL"], expected: [] },
    { drop: ["cap_all"], expected: [] },
    { add: ["ALL"], expected: ALL },
    { add: ["ALL"], drop: ["SYS_ADMIN"], expected: ALL.filter((number) => number !== SYS_ADMIN) },
    { add: ["NET_ADMIN"], drop: ["ALL"], expected: [NET_ADMIN] },
    { add: ["NET_ADMIN"], drop: ["NET_ADMIN"], expected: DEFAULTS },
    { add: ["ALL"], drop: ["ALL"], expected: [] },
    { add: ["ALL", "NET_ADMIN"], drop: ["ALL"], expected: [NET_ADMIN] },
  ])("are right for add $add, drop $drop", ({ add, drop, expected }) => {
    expect(kept(add, drop)).toEqual(expected.toSorted((a, b) => a - b));
  });

  it("are the usual ones when nothing is said", () => {
    expect(keptCapabilities(undefined)).toEqual(DEFAULTS);
  });

  it.each([
    { add: ["NET_ADMINISTRATOR"], drop: [] },
    { add: [], drop: ["NETRAW"] },
  ])("are refused for a name that does not exist: add $add, drop $drop", ({ add, drop }) => {
    expect(() => kept(add, drop)).toThrow("linux.security_context.capabilities: no capability");
  });

  it("cannot be ambient", () => {
    expect(() => keptCapabilities(Capability.fromPartial({ addAmbientCapabilities: ["KILL"] }))).toThrow(
      "add_ambient_capabilities",
    );
  });

  it("are all 41 for a privileged container", () => {
    expect(allCapabilities()).toEqual(ALL);
  });
});

describe("lxc.cap.keep", () => {
  it("names what the app keeps and what its init program needs, each once", () => {
    expect(lxcKeep([10, 7]).split(" ")).toEqual([
      "dac_override",
      "setgid",
      "setuid",
      "setpcap",
      "net_bind_service",
      "sys_admin",
    ]);
  });
});

describe("what stays in the bounding set for commands that join groups", () => {
  it.each([
    { uid: 0, gid: 0, groups: [0, 5], expected: [] },
    { uid: 1000, gid: 1000, groups: [1000], expected: [] },
    { uid: 1000, gid: 1000, groups: [], expected: [] },
    { uid: 1000, gid: 1000, groups: [1000, 5], expected: [6, 7, 8] },
  ])("is $expected for $uid:$gid in $groups", ({ expected, ...user }) => {
    expect([...boundingForGroups(user)]).toEqual(expected);
  });
});
