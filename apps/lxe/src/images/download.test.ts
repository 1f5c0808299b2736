import { LxdError, type Operation } from "@lxe/lxd-client";
import { expect, it } from "vitest";
import { createSilentLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { download } from "./download.ts";
import { PULL_STALL_MS } from "./limits.ts";
import type { ImageServer } from "./remotes.ts";

const server: ImageServer = {
  kind: "server",
  name: "mirror",
  address: "https://mirror.example",
  protocol: "simplestreams",
  certificate: undefined,
};

function operation(progress: string): Operation {
  const time = "2026-01-01T00:00:00Z";
  return {
    id: "1",
    class: "task",
    description: "Downloading image",
    created_at: time,
    updated_at: time,
    status: "Running",
    status_code: 103,
    resources: null,
    metadata: { download_progress: progress },
    may_cancel: true,
    err: "",
    location: "none",
  };
}

/** A download that goes on until it is cancelled; `report` is LXD's progress. */
function endlessDownload(signal = new AbortController().signal) {
  const clock = createManualClock();
  const ended = Promise.withResolvers<never>();
  let update: ((operation: Operation) => void) | undefined;
  const cancelled: string[] = [];
  const lxd = {
    images: {
      copy: (_: unknown, options: { onUpdate?: typeof update } = {}) => {
        update = options.onUpdate;
        return ended.promise;
      },
    },
    operations: {
      cancel: async (id: string) => {
        cancelled.push(id);
        ended.reject(new LxdError("failed", "context canceled"));
      },
    },
  };
  const result = download({ lxd, clock, log: createSilentLogger() }, server, { alias: "x" }, signal);
  return {
    clock,
    result,
    cancelled,
    report: (progress: string, mayCancel = true) => update?.({ ...operation(progress), may_cancel: mayCancel }),
  };
}

it("a download without progress is cancelled in the kubelet's words", async () => {
  const { clock, result, report } = endlessDownload();
  report("rootfs: 1%");
  clock.advance(PULL_STALL_MS);
  await expect(result).rejects.toThrow("RegistryUnavailable: no progress in 300 s from https://mirror.example");
});

it("a download with progress goes on, and one that repeats itself does not", async () => {
  const { clock, result, report, cancelled } = endlessDownload();
  for (const percent of [1, 2, 3]) {
    clock.advance(PULL_STALL_MS - 1);
    report(`rootfs: ${percent}%`);
  }
  clock.advance(PULL_STALL_MS - 1);
  report("rootfs: 3%");
  expect(cancelled).toEqual([]);
  clock.advance(1);
  expect(cancelled).toEqual(["1"]);
  await expect(result).rejects.toThrow("no progress");
});

it("an aborted download is cancelled once, as soon as LXD allows it, and gives the abort's reason", async () => {
  const controller = new AbortController();
  const { result, report, cancelled } = endlessDownload(controller.signal);
  report("metadata: 1%", false);
  controller.abort(new Error("nobody waits"));
  expect(cancelled).toEqual([]);
  report("metadata: 100%");
  report("rootfs: 1%");
  expect(cancelled).toEqual(["1"]);
  await expect(result).rejects.toThrow("nobody waits");
});
