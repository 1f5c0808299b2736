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
function endlessDownload() {
  const clock = createManualClock();
  let report: ((operation: Operation) => void) | undefined;
  const copy = (_: unknown, options: { signal?: AbortSignal | undefined; onUpdate?: typeof report } = {}) => {
    report = options.onUpdate;
    return new Promise<never>((_, reject) => {
      options.signal?.addEventListener("abort", () => reject(new LxdError("cancelled", "cancelled")));
    });
  };
  const deps = { lxd: { images: { copy } }, clock, log: createSilentLogger() };
  const result = download(deps, server, { alias: "x" }, new AbortController().signal);
  return { clock, result, report: (progress: string) => report?.(operation(progress)) };
}

it("a download without progress is cancelled in the kubelet's words", async () => {
  const { clock, result } = endlessDownload();
  clock.advance(PULL_STALL_MS);
  await expect(result).rejects.toThrow("RegistryUnavailable: no progress in 300 s from https://mirror.example");
});

it("a download with progress goes on, and one that repeats itself does not", async () => {
  const { clock, result, report } = endlessDownload();
  let ended = false;
  const watched = result.finally(() => {
    ended = true;
  });
  for (const percent of [1, 2, 3]) {
    clock.advance(PULL_STALL_MS - 1);
    report(`rootfs: ${percent}%`);
  }
  await Promise.resolve();
  expect(ended).toBe(false);
  clock.advance(PULL_STALL_MS - 1);
  report("rootfs: 3%");
  clock.advance(1);
  await expect(watched).rejects.toThrow("no progress");
});
