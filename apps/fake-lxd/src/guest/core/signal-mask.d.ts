/** A list of signals as the bit set of /proc/<pid>/status. */
export declare function signalsMask(signals: number[]): bigint;
