/** The signals that end the daemon. */

const EXIT_BY_SIGNAL = 128;
const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Resolves with the first SIGTERM or SIGINT; from then on a second one ends the process at once. SIGHUP is ignored, so
 * that a daemon started from a terminal outlives it.
 */
export function nextStopSignal(): Promise<NodeJS.Signals> {
  process.on("SIGHUP", () => undefined);
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (stopping) process.exit(EXIT_BY_SIGNAL + NUMBERS[signal]);
        stopping = true;
        resolve(signal);
      });
    }
  });
}
