/** Frames to bytes. */

import {
  type ControlFrame,
  controlType,
  flagFin,
  flagUnidirectional,
  frameHeaderBytes,
  spdyVersion,
  type SynStreamFrame,
} from "./frame.ts";

/** In memory of its own: one that waits for a slow client shall not hold the pool that compression takes its own from. */
export function controlFrame(frame: ControlFrame): Buffer {
  const payload = payloadOf(frame);
  const bytes = Buffer.alloc(frameHeaderBytes + payload.length);
  bytes.writeUInt16BE(0x8000 | spdyVersion, 0);
  bytes.writeUInt16BE(controlType[frame.type], 2);
  bytes.writeUInt8(flagsOf(frame), 4);
  bytes.writeUIntBE(payload.length, 5, 3);
  payload.copy(bytes, frameHeaderBytes);
  return bytes;
}

/** What stands before the `length` bytes (below 2^24) of a data frame. */
export function dataFrameHeader(streamId: number, length: number, fin: boolean): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUInt32BE(streamId, 0);
  header.writeUInt8(fin ? flagFin : 0, 4);
  header.writeUIntBE(length, 5, 3);
  return header;
}

function flagsOf(frame: ControlFrame): number {
  const fin = "fin" in frame && frame.fin ? flagFin : 0;
  return frame.type === "syn-stream" && frame.unidirectional ? fin | flagUnidirectional : fin;
}

function payloadOf(frame: ControlFrame): Buffer {
  switch (frame.type) {
    case "syn-stream":
      return synStream(frame);
    case "syn-reply":
    case "headers":
      return Buffer.concat([words(frame.streamId), frame.headerBlock]);
    case "rst-stream":
      return words(frame.streamId, frame.status);
    case "settings":
      return Buffer.concat([
        words(frame.entries.length),
        ...frame.entries.map((entry) => words(((entry.flags << 24) | entry.id) >>> 0, entry.value)),
      ]);
    case "ping":
      return words(frame.id);
    case "goaway":
      return words(frame.lastStreamId, frame.status);
    default:
      return words(frame.streamId, frame.delta);
  }
}

function synStream(frame: SynStreamFrame): Buffer {
  const associatedPrioritySlot = Buffer.alloc(6);
  return Buffer.concat([words(frame.streamId), associatedPrioritySlot, frame.headerBlock]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}
