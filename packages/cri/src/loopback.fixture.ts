/** A server and a client over a real unix socket, and what the server logged. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CriClient, type CriClientOptions, createCriClient } from "./client.ts";
import type { CriHandlers } from "./handlers.ts";
import type { RpcLog } from "./rpc-log.ts";
import { type CriServer, type CriServerOptions, createCriServer } from "./server.ts";

export interface LogLine {
  level: keyof RpcLog;
  fields: Record<string, unknown>;
  message: string;
}

export interface Loopback extends AsyncDisposable {
  server: CriServer;
  client: CriClient;
  target: string;
  socketPath: string;
  logged: LogLine[];
}

export async function startLoopback(
  handlers: CriHandlers,
  options: Partial<CriServerOptions> = {},
  clientOptions: CriClientOptions = {},
): Promise<Loopback> {
  const directory = mkdtempSync(join(tmpdir(), "lxe-cri-"));
  const socketPath = join(directory, "cri.sock");
  const logged: LogLine[] = [];
  const server = createCriServer({ handlers, log: recorder(logged), ...options });
  await server.listen(socketPath);
  const target = `unix://${socketPath}`;
  const client = createCriClient(target, clientOptions);
  const dispose = async () => {
    client.close();
    server.destroy();
    await server.close();
    rmSync(directory, { recursive: true });
  };
  return { server, client, target, socketPath, logged, [Symbol.asyncDispose]: dispose };
}

function recorder(logged: LogLine[]): RpcLog {
  const at = (level: keyof RpcLog) => (fields: Record<string, unknown>, message: string) => {
    logged.push({ level, fields, message });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}
