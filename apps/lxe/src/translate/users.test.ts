import { type DeepPartial, LinuxContainerSecurityContext, SupplementalGroupsPolicy } from "@lxe/cri";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveUser } from "./users.ts";

type Security = DeepPartial<LinuxContainerSecurityContext>;

const USERS = {
  passwd: [
    "root:x:0:0:root:/root:/bin/sh",
    "web:x:101:102:Web:/srv/web:/bin/false",
    "nohome:x:103:103:::",
    "# a comment",
    "broken:x:abc:1::/:",
    "short:x",
    "huge:x:4294967295:1::/:",
    "",
  ].join("\n"),
  group: "root:x:0:\nweb:x:102:\nlogs:x:200:web,other\nextra:x:201:web\nbroken:x:abc:web\nhuge:x:99999999999:web\n",
  links: {},
};

const resolve = (security: Security | undefined, imageUser = "") =>
  resolveUser(security && LinuxContainerSecurityContext.fromPartial(security), imageUser, USERS);

const inGroups = (policy: SupplementalGroupsPolicy): Security => ({
  runAsUsername: "web",
  supplementalGroups: [300n, 102n, 201n],
  supplementalGroupsPolicy: policy,
});

describe("the user of a container", () => {
  it.each<{ what: string; security?: Security; image?: string; expected: unknown }>([
    { what: "root by default", expected: { uid: 0, gid: 0, groups: [0], home: "/root" } },
    { what: "the image's uid", image: "101", expected: { uid: 101, gid: 102, groups: [102, 200, 201] } },
    { what: "the image's name", image: "web", expected: { uid: 101, gid: 102, home: "/srv/web" } },
    { what: "the image's uid:gid", image: "101:7", expected: { uid: 101, gid: 7, groups: [7, 200, 201] } },
    { what: "the image's name:group", image: "web:logs", expected: { uid: 101, gid: 200, groups: [200, 201] } },
    { what: "root with the image's :group", image: ":logs", expected: { uid: 0, gid: 200 } },
    { what: "the image's user before an empty group", image: "web:", expected: { uid: 101, gid: 102 } },
    { what: "an unknown uid, with gid 0", image: "5000", expected: { uid: 5000, gid: 0, groups: [0], home: "/" } },
    {
      what: "run_as_user before the image's",
      security: { runAsUser: { value: 103n } },
      image: "web:logs",
      expected: { uid: 103, gid: 103, groups: [103], home: "/" },
    },
    {
      what: "run_as_user 0 before the image's",
      security: { runAsUser: { value: 0n } },
      image: "web",
      expected: { uid: 0, gid: 0 },
    },
    {
      what: "run_as_username before run_as_user",
      security: { runAsUsername: "web", runAsUser: { value: 103n } },
      expected: { uid: 101, gid: 102 },
    },
    {
      what: "run_as_group instead of the user's",
      security: { runAsUser: { value: 101n }, runAsGroup: { value: 7n } },
      expected: { uid: 101, gid: 7, groups: [7, 200, 201] },
    },
    {
      what: "run_as_group 0",
      security: { runAsUsername: "web", runAsGroup: { value: 0n } },
      expected: { uid: 101, gid: 0 },
    },
  ])("is $what", ({ security, image, expected }) => {
    expect(resolve(security, image)).toMatchObject(expected as object);
  });

  it.each<{ field: string; security?: Security; image?: string }>([
    { field: "run_as_username: the image has no user", security: { runAsUsername: "nobody-here" } },
    { field: "run_as_username: the image has no user", security: { runAsUsername: "broken" } },
    { field: "run_as_username: the image has no user", security: { runAsUsername: "huge" } },
    { field: "run_as_group needs run_as_user", security: { runAsGroup: { value: 1n } } },
    { field: "run_as_group needs run_as_user", security: { runAsGroup: { value: 1n } }, image: "web" },
    { field: "linux.security_context.run_as_user must lie", security: { runAsUser: { value: -1n } } },
    { field: "linux.security_context.run_as_user must lie", security: { runAsUser: { value: 4_294_967_295n } } },
    {
      field: "linux.security_context.run_as_group must lie",
      security: { runAsUser: { value: 1n }, runAsGroup: { value: -1n } },
    },
    { field: "supplemental_groups must lie", security: { supplementalGroups: [-1n] } },
    {
      field: "supplemental_groups_policy",
      security: { supplementalGroupsPolicy: 9 as SupplementalGroupsPolicy },
    },
    { field: "image (its configured user): the image has no user", image: "nobody-here" },
    { field: "image (its configured user): the image has no group", image: "web:nothing" },
    { field: "image (its configured user) must lie", image: "99999999999" },
  ])("is refused with $field", ({ field, security, image }) => {
    expect(() => resolve(security, image)).toThrow(field);
    expect(() => resolve(security, image)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("supplementary groups", () => {
  it("are the primary, the image's and those asked for, each once, with policy Merge", () => {
    expect(resolve(inGroups(SupplementalGroupsPolicy.Merge)).groups).toEqual([102, 200, 201, 300]);
  });

  it("are the primary and those asked for with policy Strict", () => {
    expect(resolve(inGroups(SupplementalGroupsPolicy.Strict)).groups).toEqual([102, 300, 201]);
  });

  it("are found by the name of the user that a uid has", () => {
    expect(resolve({ runAsUser: { value: 101n } }).groups).toEqual([102, 200, 201]);
  });
});

it("resolves to ids that the kernel takes, whatever an image's files hold", () => {
  const field = fc.oneof(fc.constantFrom("0", "1", "web", "x", "", "4294967295", "-1", "1e3", "0x1"), fc.string());
  const file = fc.array(fc.array(field, { maxLength: 8 }).map((fields) => fields.join(":"))).map((l) => l.join("\n"));
  fc.assert(
    fc.property(file, file, (passwd, group) => {
      const { uid, gid, groups } = resolveUser(
        LinuxContainerSecurityContext.fromPartial({ runAsUser: { value: 1n } }),
        "",
        { passwd, group, links: {} },
      );
      expect(uid).toBe(1);
      for (const id of [gid, ...groups]) expect(Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1).toBe(true);
    }),
  );
});
