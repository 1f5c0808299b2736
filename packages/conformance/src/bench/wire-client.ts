/**
 * gRPC with as little as possible on the caller's side: bytes go out, bytes come in, nothing is decoded. What it takes is the
 * server's time and the way there; a JavaScript client's decoding of 500 containers takes longer than both.
 */
import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";

export interface WireClient extends AsyncDisposable {
  /** `path`: `/runtime.v1.RuntimeService/Version`. Resolves with the response message; rejects with the gRPC status. */
  call(path: string, request: Uint8Array): Promise<Buffer>;
}

/** Before each message: a byte that tells compression, and the length in four. */
const FRAME_HEADER_BYTES = 5;
/** The kubelet's gRPC finds out by itself that a window of 64 KiB is too small for its lists. */
const WINDOW_BYTES = 1024 * 1024;

export async function connectWire(socketPath: string): Promise<WireClient> {
  const session = connectHttp2("http://localhost", {
    createConnection: () => connect(socketPath),
    settings: { initialWindowSize: WINDOW_BYTES },
  });
  await once(session, "connect");
  session.setLocalWindowSize(WINDOW_BYTES);
  return {
    call: async (path, request) => {
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: "POST",
        [constants.HTTP2_HEADER_PATH]: path,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
        [constants.HTTP2_HEADER_TE]: "trailers",
      });
      let status: string | undefined;
      stream.on("trailers", (trailers) => (status = String(trailers["grpc-status"])));
      stream.end(framed(request));
      const answer = await buffer(stream);
      if (status !== "0") throw new Error(`${path}: gRPC status ${status}`);
      return answer.subarray(FRAME_HEADER_BYTES);
    },
    [Symbol.asyncDispose]: async () => session.destroy(),
  };
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + message.byteLength);
  frame.writeUInt32BE(message.byteLength, 1);
  frame.set(message, FRAME_HEADER_BYTES);
  return frame;
}
