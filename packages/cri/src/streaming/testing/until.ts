/** Waits for what tests cannot be told of. Fails by the test's own time limit. */

import { setImmediate as nextTurn } from "node:timers/promises";

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** Waits until `measure` has not changed for many turns of the event loop; gives the last value. */
export async function settled(measure: () => number): Promise<number> {
  let value = measure();
  for (let turns = 0; turns < 300; turns++) {
    await nextTurn();
    if (measure() !== value) turns = 0;
    value = measure();
  }
  return value;
}
