/** The payloads of control frames to values. Strict: Go's peers end the connection over the same mistakes. */

import {
  type ControlFrame,
  controlType,
  flagFin,
  flagUnidirectional,
  type SettingsFrame,
  SpdyProtocolError,
  streamIdMask,
} from "./frame.ts";

const settingsEntryBytes = 8;

/** Throws SpdyProtocolError. */
export function parseControlFrame(type: number, flags: number, payload: Buffer): ControlFrame {
  switch (type) {
    case controlType["syn-stream"]:
      return {
        type: "syn-stream",
        streamId: streamIdOf("SYN_STREAM", payload, 10),
        ...streamFlags("SYN_STREAM", flags, flagFin | flagUnidirectional),
        unidirectional: (flags & flagUnidirectional) !== 0,
        headerBlock: payload.subarray(10),
      };
    case controlType["syn-reply"]:
      return {
        type: "syn-reply",
        streamId: streamIdOf("SYN_REPLY", payload, 4),
        ...streamFlags("SYN_REPLY", flags, flagFin),
        headerBlock: payload.subarray(4),
      };
    case controlType.headers:
      return {
        type: "headers",
        streamId: streamIdOf("HEADERS", payload, 4),
        ...streamFlags("HEADERS", flags, flagFin),
        headerBlock: payload.subarray(4),
      };
    case controlType["rst-stream"]:
      return rstStream(flags, payload);
    case controlType.settings:
      return settings(payload);
    case controlType.ping:
      return ping(flags, payload);
    case controlType.goaway:
      requireFixed("GOAWAY", flags, payload, 8);
      return {
        type: "goaway",
        lastStreamId: payload.readUInt32BE(0) & streamIdMask,
        status: payload.readUInt32BE(4),
      };
    case controlType["window-update"]:
      requireFixed("WINDOW_UPDATE", flags, payload, 8);
      return {
        type: "window-update",
        streamId: payload.readUInt32BE(0) & streamIdMask,
        delta: payload.readUInt32BE(4) & streamIdMask,
      };
    default:
      throw new SpdyProtocolError(`a control frame of type ${type}`);
  }
}

function rstStream(flags: number, payload: Buffer): ControlFrame {
  requireFixed("RST_STREAM", flags, payload, 8);
  const status = payload.readUInt32BE(4);
  if (status === 0) throw new SpdyProtocolError("RST_STREAM with status 0");
  return { type: "rst-stream", streamId: streamIdOf("RST_STREAM", payload, 8), status };
}

function ping(flags: number, payload: Buffer): ControlFrame {
  requireFixed("PING", flags, payload, 4);
  const id = payload.readUInt32BE(0);
  if (id === 0) throw new SpdyProtocolError("PING with id 0");
  return { type: "ping", id };
}

function settings(payload: Buffer): SettingsFrame {
  if (payload.length < 4) throw new SpdyProtocolError("SETTINGS is too short");
  const count = payload.readUInt32BE(0);
  if (payload.length !== 4 + count * settingsEntryBytes) throw new SpdyProtocolError("SETTINGS has a wrong length");
  const entries = Array.from({ length: count }, (_, index) => {
    const offset = 4 + index * settingsEntryBytes;
    return {
      flags: payload.readUInt8(offset),
      id: payload.readUIntBE(offset + 1, 3),
      value: payload.readUInt32BE(offset + 4),
    };
  });
  return { type: "settings", entries };
}

function streamIdOf(name: string, payload: Buffer, bytesMin: number): number {
  if (payload.length < bytesMin) throw new SpdyProtocolError(`${name} is too short`);
  const streamId = payload.readUInt32BE(0) & streamIdMask;
  if (streamId === 0) throw new SpdyProtocolError(`${name} for stream 0`);
  return streamId;
}

function streamFlags(name: string, flags: number, allowed: number): { fin: boolean } {
  if ((flags & ~allowed) !== 0) throw new SpdyProtocolError(`${name} with flags ${flags}`);
  return { fin: (flags & flagFin) !== 0 };
}

function requireFixed(name: string, flags: number, payload: Buffer, length: number): void {
  if (flags !== 0) throw new SpdyProtocolError(`${name} with flags ${flags}`);
  if (payload.length !== length) throw new SpdyProtocolError(`${name} has a wrong length`);
}
