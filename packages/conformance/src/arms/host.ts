/** The arm with a real LXD of this machine; see `host-lxd.ts` for the environment it reads. */
import { readFile } from "node:fs/promises";
import type { Arm } from "./arm.ts";
import { readHostCgroup } from "./host-cgroup.ts";
import { hostLxd } from "./host-lxd.ts";
import { startInstance } from "./instance.ts";

export const hostArm: Arm = {
  name: "host",
  start: async () => {
    const lxd = hostLxd(process.env);
    if (!lxd) throw new Error("LXE_TEST_LXD_SOCKET or LXE_TEST_LXD_DIR has to be set");
    return startInstance({
      name: "host",
      lxdSocket: lxd.socket,
      lxd: lxd.daemon,
      bridgeName: lxd.bridgeName,
      busybox: Uint8Array.from(await readFile(process.env["LXE_TEST_BUSYBOX"] ?? "/bin/busybox")),
      cgroup: readHostCgroup,
      close: async () => undefined,
    });
  },
};
