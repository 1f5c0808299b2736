import { type DeepPartial, LinuxContainerSecurityContext, SecurityProfile_ProfileType as Type } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { localSeccompProfile, profileLines } from "./security.ts";

type Security = DeepPartial<LinuxContainerSecurityContext>;
const NODE = { apparmor: true, selinux: true };
const NO_SECCOMP = ["lxc.seccomp.profile", ""];
const UNCONFINED = ["lxc.apparmor.profile", "unconfined"];

const lines = (security: Security, privileged = false, node = NODE) =>
  profileLines(LinuxContainerSecurityContext.fromPartial(security), privileged, node);
const profile = (profileType: Type, localhostRef = "") => ({ profileType, localhostRef });

describe("profiles of a container", () => {
  it.each<{ what: string; security: Security; privileged?: boolean; expected: string[][] }>([
    { what: "nothing", security: {}, expected: [NO_SECCOMP] },
    { what: "seccomp RuntimeDefault", security: { seccomp: profile(Type.RuntimeDefault) }, expected: [] },
    { what: "seccomp Unconfined", security: { seccomp: profile(Type.Unconfined) }, expected: [NO_SECCOMP] },
    { what: "the old seccomp field", security: { seccompProfilePath: "runtime/default" }, expected: [] },
    { what: "the old seccomp field, docker's", security: { seccompProfilePath: "docker/default" }, expected: [] },
    { what: "the old seccomp field, off", security: { seccompProfilePath: "unconfined" }, expected: [NO_SECCOMP] },
    { what: "a seccomp profile of the node", security: { seccomp: profile(Type.Localhost, "/p.json") }, expected: [] },
    {
      what: "seccomp in both fields: the new one wins",
      security: { seccomp: profile(Type.RuntimeDefault), seccompProfilePath: "unconfined" },
      expected: [],
    },
    {
      what: "privileged, which seccomp and AppArmor leave alone",
      security: { seccomp: profile(Type.RuntimeDefault), apparmor: profile(Type.RuntimeDefault) },
      privileged: true,
      expected: [NO_SECCOMP, UNCONFINED],
    },
    {
      what: "apparmor Unconfined",
      security: { apparmor: profile(Type.Unconfined) },
      expected: [NO_SECCOMP, UNCONFINED],
    },
    { what: "apparmor RuntimeDefault", security: { apparmor: profile(Type.RuntimeDefault) }, expected: [NO_SECCOMP] },
    {
      what: "apparmor Localhost",
      security: { apparmor: profile(Type.Localhost, "mine") },
      expected: [NO_SECCOMP, ["lxc.apparmor.profile", "mine"]],
    },
    {
      what: "apparmor Localhost as critest says it",
      security: { apparmor: profile(Type.Localhost, "localhost/mine") },
      expected: [NO_SECCOMP, ["lxc.apparmor.profile", "mine"]],
    },
    {
      what: "the old apparmor field",
      security: { apparmorProfile: "localhost/mine" },
      expected: [NO_SECCOMP, ["lxc.apparmor.profile", "mine"]],
    },
    {
      what: "the old apparmor field, off",
      security: { apparmorProfile: "unconfined" },
      expected: [NO_SECCOMP, UNCONFINED],
    },
    {
      what: "the old apparmor field, default",
      security: { apparmorProfile: "runtime/default" },
      expected: [NO_SECCOMP],
    },
  ])("are $expected for $what", ({ security, privileged, expected }) => {
    expect(lines(security, privileged)).toEqual(expected);
  });

  it("are none where the node has no AppArmor", () => {
    const node = { apparmor: false, selinux: false };
    expect(lines({ apparmor: profile(Type.Unconfined) }, true, node)).toEqual([NO_SECCOMP]);
  });

  it("let SELinux options pass where the node has no SELinux, and empty ones everywhere", () => {
    const selinuxOptions = { user: "", role: "", type: "spc_t", level: "" };
    expect(lines({ selinuxOptions }, false, { apparmor: true, selinux: false })).toEqual([NO_SECCOMP]);
    expect(lines({ selinuxOptions: { ...selinuxOptions, type: "" } })).toEqual([NO_SECCOMP]);
  });

  it.each<{ code: string; field: string; security: Security; node?: typeof NODE }>([
    { code: "INVALID_ARGUMENT", field: "seccomp", security: { seccomp: profile(9 as Type) } },
    { code: "INVALID_ARGUMENT", field: "apparmor", security: { apparmor: profile(9 as Type) } },
    { code: "INVALID_ARGUMENT", field: "apparmor", security: { apparmor: profile(Type.Localhost) } },
    { code: "INVALID_ARGUMENT", field: "apparmor", security: { apparmor: profile(Type.Localhost, "localhost/") } },
    { code: "INVALID_ARGUMENT", field: "apparmor", security: { apparmor: profile(Type.Localhost, "a\nb") } },
    {
      code: "INVALID_ARGUMENT",
      field: "apparmor",
      security: { apparmor: profile(Type.Localhost, "mine") },
      node: { apparmor: false, selinux: false },
    },
    {
      code: "UNIMPLEMENTED",
      field: "selinux_options",
      security: { selinuxOptions: { user: "", role: "", type: "spc_t", level: "" } },
    },
  ])("are refused with $code by the name of $field: $security", ({ code, field, security, node }) => {
    expect(() => lines(security, false, node)).toThrow(`linux.security_context.${field}`);
    expect(() => lines(security, false, node)).toThrow(expect.objectContaining({ code }));
  });
});

describe("the node's seccomp profile", () => {
  const path = (security: Security, privileged = false) =>
    localSeccompProfile(LinuxContainerSecurityContext.fromPartial(security), privileged);

  it("is the file that is asked for, in the old field, too, and none for a privileged container", () => {
    const security = { seccomp: profile(Type.Localhost, "/p.json") };
    expect(path(security)).toBe("/p.json");
    expect(path({ seccompProfilePath: "localhost//p.json" })).toBe("/p.json");
    expect(path(security, true)).toBeUndefined();
    expect(path({ seccomp: profile(Type.RuntimeDefault) })).toBeUndefined();
  });

  it.each<Security>([{ seccomp: profile(Type.Localhost, "p.json") }, { seccompProfilePath: "localhost/p.json" }])(
    "is refused where it is no absolute path: %j",
    (security) => {
      expect(() => path(security)).toThrow("linux.security_context.seccomp.localhost_ref is no absolute path");
    },
  );
});
