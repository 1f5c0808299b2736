/** How V8 collects the daemon's garbage, and when it gives memory back to the system. */
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * In one pause of some 20 ms every few hundred lists, instead of in many steps that are spread over the calls between. The
 * heap is small (25 MB with 500 containers), and gRPC's copies of long lists have V8 mark it often: in steps, one call in
 * thirty waits, and for longer than a step, because the marking threads take the processors of a small machine.
 */
export function collectInOnePause(): void {
  setFlagsFromString("--no-incremental-marking");
}

/** Of the process, in bytes, since the memory was last given back. */
export interface MemoryUse {
  /** Of the time since the last look that the event loop was busy: 0 to 1. */
  readonly utilization: number;
  readonly grownBytes: number;
  readonly sinceReleaseMs: number;
}

const LOOK_MS = 5000;
const QUIET_UTILIZATION = 0.05;
const WORTH_BYTES = 16 * 1024 * 1024;
/** A node whose pods are probed all the time is never quiet; a pause that rare does not count there. */
const LATEST_MS = 300_000;

/** A burst of pods leaves V8 with some 80 MB that it has no use for and keeps, because it looks only when it allocates. */
export function isWorthReleasing({ utilization, grownBytes, sinceReleaseMs }: MemoryUse): boolean {
  return grownBytes >= WORTH_BYTES && (utilization <= QUIET_UTILIZATION || sinceReleaseMs >= LATEST_MS);
}

/** Looks every 5 s for as long as the process lives, which it does not prolong. Giving back takes one pause of some 90 ms. */
export function releaseMemoryWhenQuiet(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as typeof gc;
  if (collect === undefined) return;
  // from the start on, so that what starting left behind is given back as well
  let releasedBytes = 0;
  let releasedAt = performance.now();
  let lastLook = performance.eventLoopUtilization();
  const look = (): void => {
    const { utilization } = performance.eventLoopUtilization(lastLook);
    lastLook = performance.eventLoopUtilization();
    const grownBytes = heldBytes() - releasedBytes;
    if (!isWorthReleasing({ utilization, grownBytes, sinceReleaseMs: performance.now() - releasedAt })) return;
    // any other kind keeps the emptied pages
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    releasedBytes = heldBytes();
    releasedAt = performance.now();
  };
  setInterval(look, LOOK_MS).unref();
}

function heldBytes(): number {
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external;
}
