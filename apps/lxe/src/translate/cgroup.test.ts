import { describe, expect, it } from "vitest";
import { cgroupLines, cgroupPathOf } from "./cgroup.ts";

describe("a container's cgroup", () => {
  it.each([
    { parent: "", path: "lxc.payload.web" },
    { parent: "/kubepods/burstable/pod1", path: "kubepods/burstable/pod1/web" },
    { parent: "kubepods/pod1/", path: "kubepods/pod1/web" },
    { parent: "/kubepods.slice/kubepods-pod1.slice", path: "kubepods.slice/kubepods-pod1.slice/web" },
    { parent: "kubepods.slice", path: "kubepods.slice/web" },
    {
      parent: "kubepods-burstable-pod1_2.slice",
      path: "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/web",
    },
    { parent: "/kubepods-pod1.slice", path: "kubepods.slice/kubepods-pod1.slice/web" },
    { parent: "-.slice", path: "web" },
    { parent: "/", path: "web" },
  ])("is $path below $parent", ({ parent, path }) => {
    expect(cgroupPathOf(parent, "web")).toBe(path);
  });

  it("is LXC's own choice without a parent", () => {
    expect(cgroupLines("", "web")).toEqual([]);
  });

  it("is below the parent, and its monitor's is not", () => {
    expect(cgroupLines("/kubepods/pod1", "web")).toEqual([
      ["lxc.cgroup.dir.container", "kubepods/pod1/web"],
      ["lxc.cgroup.dir.monitor", "lxe.monitor/web"],
    ]);
  });

  it.each(["/a/../..", "..", "/a\nlxc.hook.start = /x", "/a\0"])("is refused below %j", (parent) => {
    expect(() => cgroupLines(parent, "web")).toThrow("linux.cgroup_parent");
  });
});
