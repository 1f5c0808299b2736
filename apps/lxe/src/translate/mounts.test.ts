import { type DeepPartial, Mount, MountPropagation } from "@lxe/cri";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UserNamespaceChoice } from "../model/records.ts";
import {
  byDepth,
  checkIdMappings,
  checkMount,
  maskEntries,
  mountAttributes,
  mountEntry,
  normalisePath,
  readonlyEntry,
  throughLinks,
} from "./mounts.ts";

type Asked = DeepPartial<Mount>;
const { PROPAGATION_BIDIRECTIONAL, PROPAGATION_HOST_TO_CONTAINER } = MountPropagation;
const mount = (asked: Asked = {}): Mount => Mount.fromPartial({ hostPath: "/h", containerPath: "/c", ...asked });
const directory = { path: "/real", kind: "directory" } as const;

describe("a mount", () => {
  it.each<{ what: string; asked: Asked; idmapped?: boolean; options: string[] }>([
    { what: "plain", asked: {}, options: ["rbind", "create=dir", "rprivate"] },
    { what: "read-only", asked: { readonly: true }, options: ["rbind", "create=dir", "ro", "rprivate"] },
    {
      what: "with the host's later mounts",
      asked: { propagation: PROPAGATION_HOST_TO_CONTAINER },
      options: ["rbind", "create=dir", "rslave"],
    },
    { what: "idmapped", asked: {}, idmapped: true, options: ["rbind", "create=dir", "rprivate", "idmap=container"] },
  ])("$what has the options $options", ({ asked, idmapped = false, options }) => {
    expect(mountEntry(mount(asked), directory, { idmapped })).toEqual({
      source: "/real",
      target: "/c",
      type: "none",
      options,
    });
  });

  it("of a file is put on a file", () => {
    expect(mountEntry(mount(), { path: "/f", kind: "file" }, { idmapped: false }).options).toContain("create=file");
  });

  it.each<{ asked: Asked; attributes: unknown[] }>([
    { asked: {}, attributes: [] },
    { asked: { readonly: true }, attributes: [] },
    {
      asked: { readonly: true, recursiveReadOnly: true, mountOptions: ["noexec", "nodev"] },
      attributes: [
        { path: "/c", attributes: ["ro"], recursive: true },
        { path: "/c", attributes: ["noexec", "nodev"], recursive: false },
      ],
    },
  ])("gets from the init program what LXC cannot do: $asked", ({ asked, attributes }) => {
    expect(mountAttributes(mount(asked))).toEqual(attributes);
  });

  it.each<{ field: string; code?: string; asked: Asked }>([
    { field: "mounts.container_path", asked: { containerPath: "" } },
    { field: "mounts.container_path", asked: { containerPath: "relative" } },
    { field: "mounts.container_path", asked: { containerPath: "/" } },
    { field: "mounts.container_path", asked: { containerPath: "//." } },
    { field: "mounts.container_path", asked: { containerPath: "/a/../.." } },
    { field: "mounts.container_path", asked: { containerPath: "/a\0b" } },
    { field: "mounts.container_path", asked: { containerPath: "/a\rb" } },
    { field: "mounts.container_path lies in /.lxe", asked: { containerPath: "/.lxe" } },
    { field: "mounts.container_path lies in /.lxe", asked: { containerPath: "/x/..//.lxe/init" } },
    { field: "mounts.host_path", asked: { hostPath: "" } },
    { field: "mounts.host_path", asked: { hostPath: "h" } },
    { field: "mounts.host_path", asked: { hostPath: "/h\0" } },
    { field: "mounts.propagation", asked: { propagation: 9 as MountPropagation } },
    { field: "mounts.propagation", code: "UNIMPLEMENTED", asked: { propagation: PROPAGATION_BIDIRECTIONAL } },
    { field: "mounts.mount_options", asked: { mountOptions: ["suid"] } },
    { field: "mounts.mount_options", asked: { mountOptions: ["noexec,suid"] } },
    { field: "mounts.recursive_read_only", asked: { recursiveReadOnly: true } },
    {
      field: "mounts.recursive_read_only",
      asked: { readonly: true, recursiveReadOnly: true, propagation: PROPAGATION_HOST_TO_CONTAINER },
    },
    { field: "ImageVolumeMountFailed", code: "UNIMPLEMENTED", asked: { image: { image: "busybox" } } },
    { field: "mounts.image_sub_path", asked: { imageSubPath: "a" } },
  ])("is refused by the name of $field: $asked", ({ field, code = "INVALID_ARGUMENT", asked }) => {
    expect(() => checkMount(mount(asked))).toThrow(field);
    expect(() => checkMount(mount(asked))).toThrow(expect.objectContaining({ code }));
  });

  const pod = { kind: "mapped", hostId: 65536, length: 65536 } as const;
  const mapping = { containerId: 0, hostId: 65536, length: 65536 };
  it.each<{ what: string; asked: Asked; userns: UserNamespaceChoice }>([
    { what: "no mapping", asked: {}, userns: { kind: "host" } },
    { what: "the pod's", asked: { uidMappings: [mapping], gidMappings: [mapping] }, userns: pod },
  ])("is fine with $what", ({ asked, userns }) => {
    expect(() => checkIdMappings(mount(asked), userns)).not.toThrow();
  });

  it.each<{ what: string; asked: Asked; userns: UserNamespaceChoice }>([
    { what: "another mapping", asked: { uidMappings: [{ ...mapping, hostId: 1 }] }, userns: pod },
    { what: "two mappings", asked: { gidMappings: [mapping, mapping] }, userns: pod },
    { what: "a mapping in a pod without", asked: { uidMappings: [mapping] }, userns: { kind: "default" } },
  ])("is refused with $what", ({ asked, userns }) => {
    expect(() => checkIdMappings(mount(asked), userns)).toThrow(/mounts\.[ug]idMappings/);
  });
});

describe("a target", () => {
  it.each([
    ["/a/b", "/a/b"],
    ["//a/./b/", "/a/b"],
    ["/a/../b", "/b"],
    ["/../../etc", "/etc"],
    ["/..", "/"],
    ["", "/"],
    ["/...", "/..."],
  ])("%j is %j", (path, expected) => {
    expect(normalisePath(path)).toBe(expected);
  });

  it("never leaves the root file system", () => {
    const part = fc.oneof(fc.constantFrom("..", ".", "", "..."), fc.string());
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const path = normalisePath(parts.join("/"));
        expect(path.split("/")).not.toContain("..");
        expect(path).toMatch(/^\//);
        expect(normalisePath(path)).toBe(path);
      }),
    );
  });

  const links = { "/var/run": "/run", "/lib": "/usr/lib" };
  it.each([
    ["/var/run/secrets/x", "/run/secrets/x"],
    ["/var/run", "/run"],
    ["/var/runner", "/var/runner"],
    ["/var//run/./x", "/run/x"],
    ["/lib/x", "/usr/lib/x"],
    ["/data", "/data"],
  ])("%j lies at %j in an image with links", (path, expected) => {
    expect(throughLinks(path, links)).toBe(expected);
  });

  it("comes after its parents, otherwise in the order of the request", () => {
    const entries = ["/a/b/c", "/z", "/a", "/a/b", "/y/x"].map((target) => ({ target }));
    expect(byDepth(entries).map(({ target }) => target)).toEqual(["/z", "/a", "/a/b", "/y/x", "/a/b/c"]);
  });
});

it("a hidden path gets an entry for a file and one for a directory, and may be missing", () => {
  const entries = maskEntries("/proc/kcore");
  expect(entries.map(({ source }) => source)).toEqual(["/dev/null", "tmpfs"]);
  for (const { options } of entries) expect(options).toContain("optional");
});

it("a read-only path is bound onto itself, and may be missing", () => {
  expect(readonlyEntry("/proc/sys")).toEqual({
    source: "proc/sys",
    target: "/proc/sys",
    type: "none",
    options: ["rbind", "ro", "relative", "optional"],
  });
});
