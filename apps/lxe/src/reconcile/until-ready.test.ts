import { PodSandboxState } from "@lxe/cri";
import { expect, test } from "vitest";
import { sandboxRecord } from "../model/testing/records.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { Index } from "../store/index.ts";
import type { Reconciler } from "./reconciler.ts";
import { untilReady } from "./until-ready.ts";

const READY = sandboxRecord();
const STOPPED = sandboxRecord({ state: PodSandboxState.SANDBOX_NOTREADY });
const UNSTARTED = sandboxRecord({ starting: true });

/** LXD shows the sandbox as in each of these once, and as in the last one from then on. */
function wait(...shown: (typeof READY | undefined)[]) {
  const index = new Index();
  const waits: number[] = [];
  let reads = 0;
  const reconciler = {
    read: async () => {
      const record = shown[Math.min(reads++, shown.length - 1)];
      if (record) index.put(record);
    },
  } as unknown as Reconciler;
  const clock = { ...createManualClock(), sleep: async (ms: number) => void waits.push(ms) };
  const ready = untilReady({ reconciler, index, clock }, READY.instance, new AbortController().signal);
  return { ready, waits };
}

test("a sandbox that runs is ready at once", async () => {
  const { ready, waits } = wait(READY);
  await ready;
  expect(waits).toEqual([]);
});

test.each([
  ["stopped", STOPPED],
  ["not started", UNSTARTED],
  ["unreadable", undefined],
])("one that LXD shows as %s for a moment is ready when it is shown as running", async (_, record) => {
  const { ready, waits } = wait(record, record, READY);
  await ready;
  expect(waits).toEqual([100, 100]);
});

test("one that stays stopped is an error", async () => {
  await expect(wait(STOPPED).ready).rejects.toThrow(
    `pause container ${READY.instance} ended as soon as it was started`,
  );
});
