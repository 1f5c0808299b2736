import { LxdError } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import type { Context } from "./context.ts";
import { asClient, unavailable } from "./reconcile/testing/small-lxd.ts";
import { startInstance } from "./start-instance.ts";

const TOLD = "PUT /1.0/instances/web/state: Failed to run: forkstart web: exit status 1";
const line = (level: string, message: string): string =>
  `lxc web 20260101120000.000 ${level}    start - ../src/lxc/start.c:start:1 - ${message}\n`;

/** An LXD that does what `start` does, with a log of LXC's. */
function fixture(start: () => Promise<unknown>, log: () => Promise<Buffer>) {
  const opened: string[] = [];
  const context = {
    lxd: asClient({ instances: { setState: start, logs: { get: log } } }),
    kernel: { openCgroup: async (path: string) => void opened.push(path) },
  } as unknown as Context;
  const run = (): Promise<void> =>
    startInstance(context, { instance: "web", cgroupParent: "/kubepods/pod1" }, AbortSignal.timeout(10_000));
  return { opened, run };
}

const failing = async (): Promise<never> => {
  throw new LxdError("failed", TOLD);
};

describe("starting an instance", () => {
  it("opens the place of its cgroup first", async () => {
    const order: string[] = [];
    const { opened, run } = fixture(
      async () => void order.push(...opened),
      async () => Buffer.alloc(0),
    );
    await run();
    expect(order).toEqual(["kubepods/pod1/web"]);
  });

  it("that fails tells LXC's reasons beside LXD's error", async () => {
    const log = line("INFO", "Container is initialized") + line("ERROR", "No space left on device - Failed to enter");
    const { run } = fixture(failing, async () => Buffer.from(log));
    await expect(run()).rejects.toThrow(`${TOLD}; LXC: No space left on device - Failed to enter`);
  });

  it("that fails is told by LXD's error alone where LXC's log says nothing, or cannot be had", async () => {
    const { run } = fixture(failing, async () => Buffer.from(line("INFO", "Container is initialized")));
    await expect(run()).rejects.toThrow(new LxdError("failed", TOLD));
    const away = fixture(
      async () => {
        throw unavailable();
      },
      async () => {
        throw unavailable();
      },
    );
    await expect(away.run()).rejects.toMatchObject({ code: unavailable().code });
  });
});
