/**
 * Bytes to frames, however the bytes are cut. Holds at most one control frame; data is handed on as it arrives, in pieces that
 * share the memory of what was pushed.
 */

import { controlFrameBytesMax } from "../limits.ts";
import { parseControlFrame } from "./control-frame.ts";
import { type Frame, flagFin, frameHeaderBytes, SpdyProtocolError, spdyVersion } from "./frame.ts";

interface ControlUnderWay {
  type: number;
  flags: number;
  payload: Buffer;
  filled: number;
}

interface DataUnderWay {
  streamId: number;
  fin: boolean;
  left: number;
}

const empty = Buffer.alloc(0);

export class FrameParser {
  readonly #header = Buffer.alloc(frameHeaderBytes);
  #headerFilled = 0;
  #control: ControlUnderWay | undefined;
  #data: DataUnderWay | undefined;

  /** Calls `emit` for each frame that `chunk` completes. Throws SpdyProtocolError; the parser is of no use then. */
  push(chunk: Buffer, emit: (frame: Frame) => void): void {
    let rest = chunk;
    while (rest.length > 0) {
      const taken = this.#take(rest, emit);
      rest = rest.subarray(taken);
    }
  }

  #take(bytes: Buffer, emit: (frame: Frame) => void): number {
    if (this.#data !== undefined) return this.#takeData(this.#data, bytes, emit);
    if (this.#control !== undefined) return this.#takeControl(this.#control, bytes, emit);
    return this.#takeHeader(bytes, emit);
  }

  #takeHeader(bytes: Buffer, emit: (frame: Frame) => void): number {
    const taken = bytes.copy(this.#header, this.#headerFilled);
    this.#headerFilled += taken;
    if (this.#headerFilled < frameHeaderBytes) return taken;
    this.#headerFilled = 0;
    if ((this.#header.readUInt8(0) & 0x80) === 0) this.#beginData(emit);
    else this.#beginControl(emit);
    return taken;
  }

  #beginData(emit: (frame: Frame) => void): void {
    const streamId = this.#header.readUInt32BE(0);
    if (streamId === 0) throw new SpdyProtocolError("data on stream 0");
    const fin = (this.#header.readUInt8(4) & flagFin) !== 0;
    const left = this.#header.readUIntBE(5, 3);
    if (left === 0) emit({ type: "data", streamId, fin, piece: empty });
    else this.#data = { streamId, fin, left };
  }

  #beginControl(emit: (frame: Frame) => void): void {
    const version = this.#header.readUInt16BE(0) & 0x7fff;
    if (version !== spdyVersion) throw new SpdyProtocolError(`a frame of SPDY version ${version}`);
    const length = this.#header.readUIntBE(5, 3);
    if (length > controlFrameBytesMax) throw new SpdyProtocolError(`a control frame of ${length} bytes`);
    const type = this.#header.readUInt16BE(2);
    const flags = this.#header.readUInt8(4);
    if (length === 0) emit(parseControlFrame(type, flags, empty));
    else this.#control = { type, flags, payload: Buffer.allocUnsafeSlow(length), filled: 0 };
  }

  #takeData(data: DataUnderWay, bytes: Buffer, emit: (frame: Frame) => void): number {
    const piece = bytes.subarray(0, data.left);
    data.left -= piece.length;
    const last = data.left === 0;
    if (last) this.#data = undefined;
    emit({ type: "data", streamId: data.streamId, fin: last && data.fin, piece });
    return piece.length;
  }

  #takeControl(control: ControlUnderWay, bytes: Buffer, emit: (frame: Frame) => void): number {
    const taken = bytes.copy(control.payload, control.filled);
    control.filled += taken;
    if (control.filled < control.payload.length) return taken;
    this.#control = undefined;
    emit(parseControlFrame(control.type, control.flags, control.payload));
    return taken;
  }
}
