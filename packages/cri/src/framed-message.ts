/**
 * Messages that are sent again and again, kept with the head that gRPC puts before each (decision 20). grpc-js has no way to be given
 * such a message and copies each one into a new buffer, which V8 frees only when it collects its whole heap: for the lists of a kubelet
 * that is so often that it is the slowest thing about them.
 */

import { BaseServerInterceptingCall } from "@grpc/grpc-js/build/src/server-interceptors.js";

/** A byte that tells whether the message is compressed, and its length in four. */
const HEAD_BYTES = 5;

const frames = new WeakMap<Uint8Array, Buffer>();

/** The parts as one message, which a server sends any number of times without copying it. Its bytes must not be changed. */
export function framedMessage(parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  // not of the pool: it lives long, and would keep what lies beside it
  const frame = Buffer.allocUnsafeSlow(HEAD_BYTES + length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(length, 1);
  let end = HEAD_BYTES;
  for (const part of parts) {
    frame.set(part, end);
    end += part.byteLength;
  }
  const message = frame.subarray(HEAD_BYTES);
  frames.set(message, frame);
  return message;
}

/** Private to grpc-js, whose version is pinned; where it is missing, messages are copied as ever, and a test says so. */
const calls = BaseServerInterceptingCall.prototype as unknown as { serializeMessage?: (message: Buffer) => Buffer };
const copied = calls.serializeMessage;
if (copied !== undefined) {
  calls.serializeMessage = function (message) {
    return frames.get(message) ?? copied.call(this, message);
  };
}
