/** How far a stream's file has been consumed. */

/** Enough that other output in the same place differs somewhere. */
const RECENT_BYTES_MAX = 64;

export interface Position {
  readonly offset: number;
  /**
   * The last bytes before the offset. If the file holds something else there, it was truncated and written anew:
   * shells do that when a script says `echo … > /dev/stderr`.
   */
  readonly recent: Buffer;
}

export const START: Position = { offset: 0, recent: Buffer.alloc(0) };

/** The position behind `bytes`, which follow `position`. */
export function advance(position: Position, bytes: Buffer): Position {
  const last = bytes.subarray(-RECENT_BYTES_MAX);
  const kept = position.recent.subarray(Math.max(0, position.recent.length + last.length - RECENT_BYTES_MAX));
  return { offset: position.offset + bytes.length, recent: Buffer.concat([kept, last]) };
}
