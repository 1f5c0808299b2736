/** Proxy devices: real listeners on the host that lead into the guest, or listeners in the guest that lead to the host. */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Guest } from "../../guest/types.ts";
import { failure } from "../errors.ts";
import { parseProxyAddress, type ProxyAddress } from "./proxy-address.ts";

interface Pair {
  listen: { protocol: ProxyAddress["protocol"]; host: string; port: number };
  connect: { protocol: ProxyAddress["protocol"]; host: string; port: number };
}

function addressOf(text: string): ProxyAddress {
  const address = parseProxyAddress(text);
  if ("wrong" in address) throw failure(address.wrong);
  if (address.protocol === "udp") throw proxyFailure("udp is not simulated");
  return address;
}

const proxyFailure = (reason: string) => failure(`Error occurred when starting proxy device: Error: ${reason}`);

/** Port by port; one port to connect to serves all. */
function pairsOf(listenText: string, connectText: string): Pair[] {
  const listen = addressOf(listenText);
  const target = addressOf(connectText);
  const ports = listen.protocol === "unix" ? [0] : listen.ports;
  const single = target.ports.length === 1;
  if (listen.protocol === "tcp" && target.protocol === "tcp" && !single && target.ports.length !== ports.length) {
    throw proxyFailure("Invalid number of ports");
  }
  return ports.map((port, index) => ({
    listen: { protocol: listen.protocol, host: listen.host, port },
    connect: { protocol: target.protocol, host: target.host, port: target.ports[single ? 0 : index] ?? 0 },
  }));
}

/** Both directions; one side's error or end of life takes the other with it. */
function join(a: Duplex, b: Duplex): void {
  const cut = () => {
    a.destroy();
    b.destroy();
  };
  a.on("error", cut).on("close", () => b.destroy());
  b.on("error", cut).on("close", () => a.destroy());
  a.pipe(b);
  b.pipe(a);
}

async function forward(incoming: Duplex, dial: () => Promise<Duplex>): Promise<void> {
  incoming.on("error", () => incoming.destroy());
  try {
    join(incoming, await dial());
  } catch {
    // forkproxy closes a connection that leads nowhere.
    incoming.destroy();
  }
}

const errnoTexts: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
};

function listenOnHost(pair: Pair, onConnection: (socket: Socket) => void): Promise<Server> {
  const { protocol, host, port } = pair.listen;
  const server = createServer({ allowHalfOpen: true }, onConnection);
  const where = protocol === "unix" ? host : `${host === "" ? "0.0.0.0" : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = errnoTexts[error.code ?? ""] ?? error.message;
      reject(proxyFailure(`Failed to listen on ${where}: listen ${protocol} ${where}: bind: ${reason}`));
    });
    const listening = () => resolve(server);
    if (protocol === "unix") server.listen(host, listening);
    else server.listen(port, host === "" ? "0.0.0.0" : host, listening);
  });
}

async function startOnHost(pair: Pair, guest: Guest): Promise<AsyncDisposable> {
  if (pair.connect.protocol !== "tcp") throw proxyFailure(`connecting to ${pair.connect.protocol} is not simulated`);
  const open = new Set<Socket>();
  const server = await listenOnHost(pair, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    void forward(socket, () => guest.connect(pair.connect.port, pair.connect.host || "127.0.0.1"));
  });
  return {
    [Symbol.asyncDispose]: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

async function startInGuest(pair: Pair, guest: Guest): Promise<AsyncDisposable> {
  const { protocol, host, port } = pair.connect;
  const dial = () =>
    new Promise<Duplex>((resolve, reject) => {
      const socket = protocol === "unix" ? connect(host) : connect(port, host || "127.0.0.1");
      socket.once("connect", () => resolve(socket)).once("error", reject);
    });
  const listener = await guest.listen(pair.listen.port, pair.listen.host || "0.0.0.0", (connection) => {
    void forward(connection, dial);
  });
  return {
    [Symbol.asyncDispose]: () => {
      listener[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

/** Throws with LXD's text when one of its ports cannot be had; then none is held. */
export async function startProxy(device: Record<string, string>, guest: Guest): Promise<AsyncDisposable> {
  const inGuest = ["instance", "guest", "container"].includes(device["bind"] ?? "host");
  await using started = new AsyncDisposableStack();
  for (const pair of pairsOf(device["listen"] ?? "", device["connect"] ?? "")) {
    started.use(await (inGuest ? startInGuest(pair, guest) : startOnHost(pair, guest)));
  }
  return started.move();
}
