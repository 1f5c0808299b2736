/** A {@link Wire} to a real server: two undici pools, one for each lane, and ws. */
import { Pool } from "undici";
import type { Limits } from "../limits.ts";
import type { Connection } from "./connection.ts";
import { webSocketOpener } from "./websocket.ts";
import type { Lane, Wire } from "./wire.ts";

export function socketWire(connection: Connection, userAgent: string, limits: Limits): Wire {
  const connect = { ...connection.http, timeout: limits.connectTimeoutMs };
  const pools: Readonly<Record<Lane, Pool>> = {
    short: new Pool(connection.httpOrigin, {
      connect,
      connections: limits.connectionsMax,
      pipelining: 1,
      allowH2: false,
      maxResponseSize: limits.responseBytesMax,
    }),
    stream: new Pool(connection.httpOrigin, {
      connect,
      connections: limits.streamConnectionsMax,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
    }),
  };
  const both = Object.values(pools);
  return {
    async request(lane, { method, path, headers, body, signal, headersTimeoutMs }) {
      const answer = await pools[lane].request({
        method,
        path,
        headers,
        body: body ?? null,
        signal: signal ?? null,
        headersTimeout: headersTimeoutMs,
      });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    openWebSocket: webSocketOpener(connection, userAgent, limits.connectTimeoutMs),
    readEvent: (message) => JSON.parse(message.toString()),
    async close() {
      await Promise.all(both.map((pool) => pool.close()));
    },
    async destroy(reason) {
      await Promise.all(both.map((pool) => pool.destroy(reason)));
    },
  };
}
