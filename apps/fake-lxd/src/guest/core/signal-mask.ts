/** A list of signals as the bit set of /proc/<pid>/status. */
export function signalsMask(signals: number[]): bigint {
  return signals.reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n);
}
