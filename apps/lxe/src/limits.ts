/** Bounds of queues, buffers, retries and sizes, in one place so that they can be reviewed together. */

export interface LogLimits {
  /** Longest content of one CRI log record; longer lines are split. */
  readonly lineBytesMax: number;
  /** Most bytes of one stream that are in memory at a time. */
  readonly readBytesMax: number;
  /** Consumed bytes of a stream are given back to the file system in steps of at least this size. */
  readonly punchBytes: number;
  /** Offsets are written down after about this many bytes of log: bounds the reading after a crash. */
  readonly checkpointBytes: number;
  /** Output that arrives in small pieces is picked up once in this time. */
  readonly gatherMs: number;
  /** Files are looked at this often even without a sign of change. */
  readonly pollMs: number;
  /** First and longest wait after a failure. */
  readonly retryMsMin: number;
  readonly retryMsMax: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const LOG_LIMITS: LogLimits = {
  lineBytesMax: 16 * KIB,
  readBytesMax: 128 * KIB,
  punchBytes: MIB,
  checkpointBytes: 4 * MIB,
  gatherMs: 10,
  pollMs: 30_000,
  retryMsMin: 250,
  retryMsMax: 30_000,
};
