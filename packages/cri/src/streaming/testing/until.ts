/** Waits for what tests cannot be told of. Fails by the test's own time limit. */

import { setImmediate as nextTurn } from "node:timers/promises";

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}
