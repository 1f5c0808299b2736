/**
 * Kubernetes' JavaScript client. It speaks to an API server: one stands here that leads each request to a URL of lxe, so that all
 * which the client does is its own.
 */
import { Attach, Exec, KubeConfig, PortForward, type V1Status } from "@kubernetes/client-node";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { Duplex, PassThrough, type Readable } from "node:stream";
import { WebSocket } from "ws";
import type { InteropAttach, InteropClient, InteropExec, InteropForward } from "./client.ts";

export const jsClient: InteropClient = { name: "JavaScript", halfCloses: false, exec, attach, forward };

async function exec(url: string, input?: Readable): Promise<InteropExec> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const status = Promise.withResolvers<V1Status>();
  const tty = false;
  const client = new Exec(await leadingTo(url));
  const socket = await client.exec("ns", "pod", "main", [], stdout, stderr, input ?? null, tty, status.resolve);
  return {
    stdout,
    stderr,
    exitCode: status.promise.then(exitCodeOf),
    kill: () => kill(socket),
  };
}

async function attach(url: string, input: Readable): Promise<InteropAttach> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const client = new Attach(await leadingTo(url));
  const socket = await client.attach("ns", "pod", "main", stdout, stderr, input, false);
  return { stdout, stderr, kill: () => kill(socket) };
}

async function forward(url: string, port: number): Promise<InteropForward> {
  const [fromPod, toPod, failure] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const client = new PortForward(await leadingTo(url));
  const socket = await client.portForward("ns", "pod", [port], fromPod, failure, toPod);
  if (typeof socket === "function") throw new Error("it was not asked to connect again");
  return {
    connection: Duplex.from({ readable: fromPod, writable: toPod }),
    kill: () => kill(socket),
  };
}

/** For one connection. */
async function leadingTo(url: string): Promise<KubeConfig> {
  const { hostname, port, pathname } = new URL(url);
  const server = createServer((client) => {
    server.close();
    const lxe = connect({ host: hostname, port: Number(port) });
    client.once("data", (request: Buffer) => {
      lxe.write(request.toString("latin1").replace(/^GET \S+/, `GET ${pathname}`), "latin1");
      client.pipe(lxe).pipe(client);
    });
    for (const [one, other] of [
      [client, lxe],
      [lxe, client],
    ] as const)
      one.on("error", () => undefined).on("close", () => other.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const config = new KubeConfig();
  const { port: ownPort } = server.address() as AddressInfo;
  config.loadFromClusterAndUser(
    { name: "lxe", server: `http://127.0.0.1:${ownPort}`, skipTLSVerify: true },
    { name: "nobody" },
  );
  return config;
}

function exitCodeOf({ status, message, details }: V1Status): number {
  if (status === "Success") return 0;
  const cause = details?.causes?.find(({ reason }) => reason === "ExitCode");
  if (cause?.message === undefined) throw new Error(message ?? "no exit code");
  return Number(cause.message);
}

async function kill(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  socket.terminate();
  await once(socket, "close");
}
