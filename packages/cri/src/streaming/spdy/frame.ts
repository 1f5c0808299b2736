/** The frames of SPDY/3.1 as values, and the numbers of its wire format. Facts of the "SPDY Protocol - Draft 3.1" text. */

export type HeaderFrame = SynStreamFrame | SynReplyFrame | HeadersFrame;

export interface SynStreamFrame {
  type: "syn-stream";
  streamId: number;
  fin: boolean;
  /** The receiver may not answer on this stream. */
  unidirectional: boolean;
  headerBlock: Buffer;
}

export interface SynReplyFrame {
  type: "syn-reply";
  streamId: number;
  fin: boolean;
  headerBlock: Buffer;
}

export interface HeadersFrame {
  type: "headers";
  streamId: number;
  fin: boolean;
  headerBlock: Buffer;
}

export interface RstStreamFrame {
  type: "rst-stream";
  streamId: number;
  status: number;
}

export interface SettingsFrame {
  type: "settings";
  entries: { flags: number; id: number; value: number }[];
}

export interface PingFrame {
  type: "ping";
  id: number;
}

export interface GoAwayFrame {
  type: "goaway";
  lastStreamId: number;
  status: number;
}

export interface WindowUpdateFrame {
  type: "window-update";
  /** 0 is the connection. */
  streamId: number;
  delta: number;
}

/** A data frame, or a part of one: frames are handed on as they arrive. `fin` only with the last part. */
export interface DataFrame {
  type: "data";
  streamId: number;
  fin: boolean;
  piece: Buffer;
}

export type ControlFrame = HeaderFrame | RstStreamFrame | SettingsFrame | PingFrame | GoAwayFrame | WindowUpdateFrame;
export type Frame = ControlFrame | DataFrame;

export const spdyVersion = 3;
export const frameHeaderBytes = 8;
export const streamIdMask = 0x7fffffff;
export const flagFin = 0x01;
export const flagUnidirectional = 0x02;

export const controlType = {
  "syn-stream": 1,
  "syn-reply": 2,
  "rst-stream": 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  headers: 8,
  "window-update": 9,
} as const satisfies Record<ControlFrame["type"], number>;

/** Why a stream is reset. */
export const rstStatus = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  internalError: 6,
  streamInUse: 8,
} as const;

export type RstStatus = (typeof rstStatus)[keyof typeof rstStatus];

/** What a peer must not send. It ends the connection. */
export class SpdyProtocolError extends Error {
  readonly code = "SPDY_PROTOCOL_ERROR";
  override name = "SpdyProtocolError";
}
