/** The arm with an LXD made of state machines, in this process. Needs no root and nothing installed. */
import { startFakeLxd } from "@lxe/fake-lxd";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Arm } from "./arm.ts";
import { startInstance } from "./instance.ts";

/** What stands for a busybox in a guest, which runs the applets itself. */
export const NO_PROGRAM = Uint8Array.from(Buffer.from("#!/bin/busybox\n"));

export const fakeArm: Arm = {
  name: "fake",
  start: async () => {
    const directory = await mkdtemp("/tmp/lxf-");
    const kernelLog = join(directory, "kmsg");
    const fake = await startFakeLxd({ kernelLog });
    return startInstance({
      name: "fake",
      lxdSocket: fake.socketPath,
      lxd: { stop: () => fake.crash(), start: () => fake.restart() },
      bridgeName: "lxebr0",
      busybox: NO_PROGRAM,
      cgroup: undefined,
      kernelLog,
      connectToPod: (address, port) => fake.connect(address, port),
      close: async () => {
        await fake.close();
        await rm(directory, { recursive: true });
      },
    });
  },
};
