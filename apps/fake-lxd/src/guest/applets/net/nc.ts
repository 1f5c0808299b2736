/** nc: connect, or -l to listen (-ll or -k: again and again); -z to look, -u for datagrams, -e to give the connection to a program. */
import type { AppletIo } from "../lib/applet.ts";
import { type Applet, Failure, UsageError } from "../lib/applet.ts";
import { parseOptions } from "../lib/options.ts";
import { Errno } from "../../core/errno.ts";
import { SIGCHLD } from "../../core/signals.ts";
import { connectTcp, listenTcp, type TcpSocket } from "../../net/tcp.ts";
import { UdpSocket } from "../../net/udp.ts";
import { closeQuietly, readFd, writeFd } from "../../sys/io.ts";
import { fork } from "../../sys/processes.ts";
import { become } from "../processes.ts";
import { resolveHost } from "./resolve.ts";

export const nc: Applet = async (io, args) => {
  // What follows -e is the program's.
  const at = args.findIndex((arg) => arg === "-e" || /^-[a-z]*e$/.test(arg));
  const program = at < 0 ? [] : args.slice(at + 1);
  const own = at < 0 ? args : [...args.slice(0, at), ...(args[at] === "-e" ? [] : [(args[at] ?? "").slice(0, -1)])];
  const options = parseOptions(own, "lknvzuiw:p:s:q:o:");
  if (options.has("u")) return datagrams(io, options);
  if (options.has("l")) return listen(io, options, program);
  const [host, port] = options.operands;
  if (host === undefined || port === undefined)
    throw new UsageError("usage: nc [-l] [-p PORT] [-w SEC] [IPADDR PORT] [-e PROG]");
  const fd = await dial(io, host, port, options.value("w"));
  if (options.has("v")) await writeFd(io.process, 2, `${host} (${host}:${port}) open\n`);
  if (options.has("z")) return 0;
  if (program.length > 0) return handOver(io, fd, program);
  return shuttle(io, fd);
};

async function dial(io: AppletIo, host: string, port: string, seconds: string | undefined): Promise<number> {
  const address = resolveHost(io.process, host);
  if (address === undefined) throw new Failure(`bad address '${host}'`);
  try {
    const socket = await connectTcp(io.process, address, Number(port));
    return io.process.fds.add(socket, true);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const late = seconds !== undefined && error.code === "ETIMEDOUT" ? "timed out" : error.text;
    throw new Failure(`can't connect to remote host (${address}): ${late}`);
  }
}

async function listen(io: AppletIo, options: ReturnType<typeof parseOptions>, program: string[]): Promise<number> {
  const port = Number(options.value("p") ?? options.operands.at(-1) ?? 0);
  const address = options.value("s") ?? "0.0.0.0";
  const { fd, listener } = await bound(io, address, port);
  const persistent = options.has("k") || options.count("l") > 1;
  // nobody waits for the programs
  if (persistent) io.process.setDisposition(SIGCHLD, "ignore");
  for (;;) {
    const connection = await listener.nextConnection(io.process);
    const socket = io.process.fds.add(connection, true);
    if (!persistent) closeQuietly(io.process, fd);
    if (program.length > 0) {
      if (!persistent) return handOver(io, socket, program);
      fork(io.process, (child) => handOver(childIo(io, child), socket, program));
      closeQuietly(io.process, socket);
      continue;
    }
    const code = await shuttle(io, socket);
    if (!persistent) return code;
  }
}

function childIo(io: AppletIo, process: AppletIo["process"]): AppletIo {
  return Object.create(io, { process: { value: process } }) as AppletIo;
}

async function bound(io: AppletIo, address: string, port: number): ReturnType<typeof listenTcp> {
  try {
    return await listenTcp(io.process, address, port);
  } catch (error) {
    if (error instanceof Errno) throw new Failure(`bind: ${error.text}`);
    throw error;
  }
}

/** The connection becomes stdin, stdout and stderr of a program. */
async function handOver(io: AppletIo, fd: number, program: string[]): Promise<number> {
  const file = io.process.fds.get(fd);
  for (const standard of [0, 1, 2]) io.process.fds.set(standard, file);
  closeQuietly(io.process, fd);
  return become(io, program);
}

/** Copies both ways until the other side is done. */
async function shuttle(io: AppletIo, fd: number): Promise<number> {
  const { process } = io;
  const socket = process.fds.get(fd) as TcpSocket;
  const sending = copy(io, 0, fd).then(() => socket.shutdownWrite());
  // The process ends, or nobody listens any more: nothing to report.
  sending.catch(() => {});
  await copy(io, fd, 1);
  closeQuietly(process, fd);
  return 0;
}

async function copy({ process }: AppletIo, from: number, to: number): Promise<void> {
  for (;;) {
    const chunk = await readFd(process, from);
    if (chunk.length === 0) return;
    await writeFd(process, to, chunk);
  }
}

async function datagrams(io: AppletIo, options: ReturnType<typeof parseOptions>): Promise<number> {
  const { process } = io;
  if (options.has("l")) {
    const socket = new UdpSocket(
      process,
      options.value("s") ?? "0.0.0.0",
      Number(options.value("p") ?? options.operands.at(-1) ?? 0),
    );
    process.fds.add(socket, true);
    for (;;) {
      const { data } = await socket.receive(process);
      await io.out(data);
    }
  }
  const [host, port] = options.operands;
  const address = resolveHost(process, host ?? "");
  if (address === undefined || port === undefined) throw new Failure(`bad address '${host ?? ""}'`);
  const socket = new UdpSocket(process, "0.0.0.0", Number(options.value("p") ?? 0));
  process.fds.add(socket, true);
  const answers = (async () => {
    for (;;) await io.out((await socket.receive(process)).data);
  })();
  answers.catch(() => {});
  for await (const chunk of io.chunks(0)) socket.send(chunk, { address, port: Number(port) });
  const wait = options.value("w");
  if (wait !== undefined) await process.sleepMs(Number(wait) * 1000);
  return 0;
}
