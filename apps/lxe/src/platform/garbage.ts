/** How V8 collects the daemon's garbage. */
import { setFlagsFromString } from "node:v8";

/**
 * In one pause of some 20 ms every few hundred lists, instead of in many steps that are spread over the calls between. The
 * heap is small (25 MB with 500 containers), and gRPC's copies of long lists have V8 mark it often: in steps, one call in
 * thirty waits, and for longer than a step, because the marking threads take the processors of a small machine.
 */
export function collectInOnePause(): void {
  setFlagsFromString("--no-incremental-marking");
}
