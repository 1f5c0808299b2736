/**
 * A unix socket between lxe and LXD that passes everything on and remembers the requests. Websockets are passed on as bytes;
 * only that they were opened is counted.
 */
import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";

export interface RecordedCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
  readonly startMs: number;
  /** When it was answered; of a call that made an operation: when that had ended. */
  readonly endMs: number;
}

export interface RecordingProxy extends AsyncDisposable {
  readonly socketPath: string;
  /** All requests so far, those about operations and for websockets included. */
  requests(): number;
  /** Calls that began since the last `take()`, without what the client asks about operations; waits for their ends. */
  take(): Promise<RecordedCall[]>;
}

/** What was answered; `body` is empty for what became a websocket. */
export interface ProxiedAnswer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Bookkeeping of a client that waits for operations, of its own accord. */
const isBookkeeping = (path: string): boolean => /^\/1\.0\/(operations|events)\b/.test(path);

export async function startRecordingProxy(
  socketPath: string,
  lxdSocket: string,
  onAnswer: (answer: ProxiedAnswer) => void = () => undefined,
): Promise<RecordingProxy> {
  const agent = new Agent({ keepAlive: true });
  let requests = 0;
  let calls: Promise<RecordedCall>[] = [];

  async function ask(method: string, path: string, body: Buffer, headers: IncomingMessage["headers"]): Promise<Answer> {
    const sent = request({ socketPath: lxdSocket, agent, method, path, headers });
    sent.end(body);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
  }

  async function operationEnd({ status, body }: Answer): Promise<void> {
    if (status !== 202) return;
    const { operation } = JSON.parse(body.toString()) as { operation: string };
    await ask("GET", `${operation}/wait`, Buffer.alloc(0), { host: "lxd" });
  }

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const startMs = performance.now();
    requests++;
    const { method = "GET", url: path = "/" } = incoming;
    const body = await buffer(incoming);
    const answered = ask(method, path, body, incoming.headers);
    if (!isBookkeeping(path)) {
      const ended = answered.then(operationEnd);
      const call = ended.then(() => ({ method, path, body: body.toString(), startMs, endMs: performance.now() }));
      call.catch(() => undefined); // told to whoever takes it; nobody does when all ends before
      calls.push(call);
    }
    const answer = await answered;
    const contentType = answer.headers["content-type"] ?? "";
    onAnswer({ method, path, status: answer.status, contentType, body: answer.body });
    outgoing.writeHead(answer.status, withoutFraming(answer.headers)).end(answer.body);
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  server.on("upgrade", (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    requests++;
    onAnswer({ method: "GET", path: incoming.url ?? "/", status: 101, contentType: "", body: Buffer.alloc(0) });
    tunnel(incoming, client, head, lxdSocket);
  });
  server.listen(socketPath);
  await once(server, "listening");
  return {
    socketPath,
    requests: () => requests,
    take: async () => {
      const taken = calls;
      calls = [];
      return (await Promise.all(taken)).toSorted((a, b) => a.startMs - b.startMs);
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

/** The body is passed on whole, so how it was framed is no longer so. */
function withoutFraming(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  const { "transfer-encoding": _, connection: __, ...rest } = headers;
  return rest;
}

function tunnel(incoming: IncomingMessage, client: Duplex, head: Buffer, lxdSocket: string): void {
  const lxd = connect(lxdSocket);
  const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`);
  }
  lxd.write(`${lines.join("\r\n")}\r\n\r\n`);
  lxd.write(head);
  lxd.pipe(client).pipe(lxd);
  for (const [stream, other] of [
    [lxd, client],
    [client, lxd],
  ] as const) {
    stream.on("error", () => other.destroy());
    // what is still on its way arrives first
    stream.on("close", () => other.end(() => other.destroy()));
  }
}
