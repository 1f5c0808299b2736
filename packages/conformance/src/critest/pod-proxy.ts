/**
 * An HTTP proxy for critest, which asks web servers at pods' addresses, on an arm whose pods have no address that the host could
 * reach. Go asks no proxy for what is on the loopback, so nothing else passes here.
 */
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

const HTTP_PORT = 80;
const BAD_GATEWAY = 502;

type Connect = (address: string, port: number) => Promise<Duplex>;

export async function startPodProxy(connect: Connect): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((asked, answer) => {
    void pass(connect, asked, answer).catch((error: unknown) => {
      if (!answer.headersSent) answer.writeHead(BAD_GATEWAY);
      answer.end(String(error));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function pass(connect: Connect, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const url = new URL(asked.url ?? "");
  const connection = await connect(url.hostname, Number(url.port) || HTTP_PORT);
  const forwarded = request({
    method: asked.method,
    path: `${url.pathname}${url.search}`,
    headers: asked.headers,
    createConnection: () => connection,
  });
  asked.pipe(forwarded);
  const [response] = (await once(forwarded, "response")) as [IncomingMessage];
  answer.writeHead(response.statusCode ?? BAD_GATEWAY, response.headers);
  response.pipe(answer);
}
