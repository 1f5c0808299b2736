/** One message of the channel protocols: a channel's number and bytes. */

import type { ChannelProtocol } from "./protocols.ts";

export interface ChannelMessage {
  channel: number;
  payload: Buffer;
}

/** In v5, the channel of messages that say that another one has ended. */
export const closeChannel = 255;

const digitZero = 0x30;
const digitNine = 0x39;

/** `undefined` for what carries nothing: empty messages, and text that does not start with a digit. */
export function decodeMessage(message: Buffer, protocol: ChannelProtocol): ChannelMessage | undefined {
  const first = message[0];
  if (first === undefined) return undefined;
  if (!protocol.base64) return { channel: first, payload: message.subarray(1) };
  if (first < digitZero || first > digitNine) return undefined;
  return { channel: first - digitZero, payload: Buffer.from(message.toString("latin1", 1), "base64") };
}

/** What `ws` sends as binary if it is a buffer, as text if it is a string. */
export function encodeMessage(channel: number, payload: Buffer, protocol: ChannelProtocol): Buffer | string {
  if (protocol.base64) return `${channel}${payload.toString("base64")}`;
  const message = Buffer.allocUnsafe(1 + payload.length);
  message.writeUInt8(channel, 0);
  payload.copy(message, 1);
  return message;
}
