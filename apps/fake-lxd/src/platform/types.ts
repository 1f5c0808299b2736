/**
 * What the fake takes from the machine it runs on: time and chance. Everything else in this package asks these two, so
 * that a simulation can run it on virtual time from one seed.
 *
 * Not here: host files and sockets; bind mounts and listeners are real on purpose.
 */

export interface Clock {
  /** Milliseconds since the epoch; fractions allowed. */
  now(): number;
  /** Runs `callback` once after `delayMs`; disposing the timer first means never. */
  setTimer(delayMs: number, callback: () => void): Disposable;
}

export interface Random {
  /** A float in [0, 1). */
  next(): number;
}
