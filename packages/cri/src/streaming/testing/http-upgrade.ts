/** Asks a server for an upgrade over a bare socket, as clients in tests do. */

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface UpgradeAnswer {
  status: number;
  headers: string[];
  /** What came behind the headers. */
  rest: Buffer;
  socket: Socket;
}

const headersEnd = "\r\n\r\n";

/** `behind` is sent together with the request. */
export async function requestUpgrade(
  url: string,
  headers: readonly string[],
  { method = "POST", behind = Buffer.alloc(0) }: { method?: string; behind?: Buffer } = {},
): Promise<UpgradeAnswer> {
  const { hostname, port, pathname, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const socket =
    protocol === "https:"
      ? connectTls({ host, port: Number(port), rejectUnauthorized: false })
      : connect({ host, port: Number(port) });
  socket.on("error", () => {});
  const lines = [`${method} ${pathname} HTTP/1.1`, `Host: ${hostname}`, ...headers];
  socket.write(Buffer.concat([Buffer.from(lines.join("\r\n") + headersEnd), behind]));
  let received = Buffer.alloc(0);
  while (!received.includes(headersEnd)) received = Buffer.concat([received, await nextChunk(socket)]);
  const end = received.indexOf(headersEnd);
  const [statusLine = "", ...answered] = received.toString("latin1", 0, end).split("\r\n");
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: answered,
    rest: received.subarray(end + headersEnd.length),
    socket,
  };
}

function nextChunk(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once("readable", () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) reject(new Error("the server closed the connection"));
      else resolve(chunk);
    });
  });
}
