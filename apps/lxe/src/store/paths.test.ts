import { expect, it } from "vitest";
import { StatePaths } from "./paths.ts";

it("names are the documented ones", () => {
  const paths = new StatePaths("/var/lib/lxe");
  expect(paths.container("web-1-app-2")).toEqual({
    directory: "/var/lib/lxe/containers/web-1-app-2",
    init: "/var/lib/lxe/containers/web-1-app-2/init",
    stdout: "/var/lib/lxe/containers/web-1-app-2/stdout",
    stderr: "/var/lib/lxe/containers/web-1-app-2/stderr",
    ready: "/var/lib/lxe/containers/web-1-app-2/ready",
    stdin: "/var/lib/lxe/containers/web-1-app-2/stdin",
    resize: "/var/lib/lxe/containers/web-1-app-2/resize",
    holderSocket: "/var/lib/lxe/containers/web-1-app-2/terminal",
    stdinHold: "/var/lib/lxe/holds/web-1-app-2",
    failed: "/var/lib/lxe/containers/web-1-app-2/failed",
    logState: "/var/lib/lxe/logs/web-1-app-2",
    mounts: "/var/lib/lxe/mounts/web-1-app-2",
    rootfs: "/var/lib/lxe/rootfs/web-1-app-2",
  });
  expect(paths.pod("web-1")).toMatchObject({
    hosts: "/var/lib/lxe/pods/web-1/hosts",
    shm: "/var/lib/lxe/pods/web-1/shm",
  });
});
