/** The arm with an LXD made of state machines, in this process. Needs no root and nothing installed. */
import { startFakeLxd } from "@lxe/fake-lxd";
import type { Arm } from "./arm.ts";
import { startInstance } from "./instance.ts";

/** Guests run applets by their names, so the file's content matters to nobody. */
const NO_PROGRAM = Uint8Array.from(Buffer.from("busybox of the fake LXD\n"));

export const fakeArm: Arm = {
  name: "fake",
  start: async () => {
    const fake = await startFakeLxd();
    return startInstance({
      name: "fake",
      lxdSocket: fake.socketPath,
      lxd: { stop: () => fake.crash(), start: () => fake.restart() },
      bridgeName: "lxebr0",
      busybox: NO_PROGRAM,
      cgroup: async () => undefined,
      close: () => fake.close(),
    });
  },
};
