import { describe, expect, it } from "vitest";
import { lxcSeccompPolicy } from "./seccomp.ts";

const WHERE = "seccomp: the profile";
const policy = (profile: object): string[] => lxcSeccompPolicy(JSON.stringify(profile), WHERE).split("\n");
const equals = (index: number, value: number) => ({ index, value, op: "SCMP_CMP_EQ" });

describe("a profile of the node as LXC's policy", () => {
  it("denies what it names, where everything else is allowed", () => {
    const syscalls = [
      { names: ["chmod", "fchmodat"], action: "SCMP_ACT_ERRNO" },
      { names: ["ptrace"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
      { names: ["kexec_load"], action: "SCMP_ACT_KILL" },
      { names: ["read"], action: "SCMP_ACT_ALLOW" },
    ];
    expect(policy({ defaultAction: "SCMP_ACT_ALLOW", syscalls })).toEqual([
      "2",
      "denylist",
      "[all]",
      "chmod errno 1",
      "fchmodat errno 1",
      "ptrace errno 38",
      "kexec_load kill",
      "",
    ]);
  });

  it("allows what it names, where everything else is denied", () => {
    const profile = {
      defaultAction: "SCMP_ACT_ERRNO",
      defaultErrnoRet: 13,
      architectures: ["SCMP_ARCH_X86_64"],
      flags: ["SECCOMP_FILTER_FLAG_LOG"],
      syscalls: [
        { names: ["read"], action: "SCMP_ACT_ALLOW", args: null, includes: {}, excludes: {} },
        { names: ["write"], action: "SCMP_ACT_ERRNO", errnoRet: 13 },
        { names: ["mount"], action: "SCMP_ACT_ERRNO" },
        { names: ["bpf"], action: "SCMP_ACT_TRAP" },
      ],
    };
    expect(policy(profile)).toEqual([
      "2",
      "allowlist errno 13",
      "[all]",
      "read allow",
      "mount errno 1",
      "bpf trap",
      "",
    ]);
    expect(policy({ defaultAction: "SCMP_ACT_KILL_THREAD" })).toEqual(["2", "allowlist kill", "[all]", ""]);
  });

  it("looks at arguments: at all of them, or at any of those that stand for one", () => {
    const rule = { names: ["personality"], action: "SCMP_ACT_ALLOW" };
    const masked = { index: 0, value: 0x7e020000, valueTwo: 8, op: "SCMP_CMP_MASKED_EQ" };
    const syscalls = [
      { ...rule, args: [equals(0, 1), equals(2, 3)] },
      { ...rule, args: [equals(0, 1), equals(0, 2)] },
      { ...rule, args: [masked] },
    ];
    expect(policy({ defaultAction: "SCMP_ACT_ERRNO", syscalls }).slice(3, -1)).toEqual([
      "personality allow [0,1,SCMP_CMP_EQ][2,3,SCMP_CMP_EQ]",
      "personality allow [0,1,SCMP_CMP_EQ]",
      "personality allow [0,2,SCMP_CMP_EQ]",
      "personality allow [0,8,SCMP_CMP_MASKED_EQ,2114060288]",
    ]);
  });

  const allowed = { defaultAction: "SCMP_ACT_ALLOW" };
  const denied = { names: ["read"], action: "SCMP_ACT_ERRNO" };
  it.each<[string, object | string, string]>([
    ["no JSON", "{", "it is no JSON"],
    ["without a default", {}, "defaultAction"],
    ["with an action that LXC does not have", { defaultAction: "SCMP_ACT_LOG" }, 'no action "SCMP_ACT_LOG"'],
    ["with one in a rule", { ...allowed, syscalls: [{ ...denied, action: "SCMP_ACT_NOTIFY" }] }, "SCMP_ACT_NOTIFY"],
    ["with a listener", { ...allowed, listenerPath: "/run/x.sock" }, "listenerPath is not supported"],
    [
      "with a name that is none",
      { ...allowed, syscalls: [{ ...denied, names: ["read\n[all]"] }] },
      "syscalls.0.names.0",
    ],
    ["with a rule for some nodes", { ...allowed, syscalls: [{ ...denied, includes: { caps: ["X"] } }] }, "includes"],
    [
      "with an unknown operator",
      { ...allowed, syscalls: [{ ...denied, args: [{ ...equals(0, 1), op: "=" }] }] },
      '"="',
    ],
    [
      "with a number beyond what is exact",
      { ...allowed, syscalls: [{ ...denied, args: [equals(0, 2 ** 60)] }] },
      "value",
    ],
  ])("is refused %s", (_, profile, reason) => {
    const text = typeof profile === "string" ? profile : JSON.stringify(profile);
    expect(() => lxcSeccompPolicy(text, WHERE)).toThrow(reason);
    expect(() => lxcSeccompPolicy(text, WHERE)).toThrow(WHERE);
  });
});
