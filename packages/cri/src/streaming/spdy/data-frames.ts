/** Cuts what is to be sent into data frames, without copying it. */

import { dataFrameBytesMax } from "../limits.ts";
import { dataFrameHeader } from "./frame-writer.ts";

export function dataFrames(streamId: number, chunks: readonly Buffer[]): Buffer[] {
  const frames: Buffer[] = [];
  let left = chunks.reduce((bytes, chunk) => bytes + chunk.length, 0);
  let room = 0;
  for (const chunk of chunks) {
    let rest = chunk;
    while (rest.length > 0) {
      if (room === 0) {
        room = Math.min(left, dataFrameBytesMax);
        frames.push(dataFrameHeader(streamId, room, false));
      }
      const piece = rest.subarray(0, room);
      frames.push(piece);
      room -= piece.length;
      left -= piece.length;
      rest = rest.subarray(piece.length);
    }
  }
  return frames;
}
