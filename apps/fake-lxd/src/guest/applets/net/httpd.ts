/** httpd: files of a directory over HTTP. In the foreground with -f, else as a daemon. */
import { Errno } from "../../core/errno.ts";
import { fromBuffer } from "../../core/bytes.ts";
import type { Process } from "../../core/process.ts";
import { listenTcp, type TcpListener } from "../../net/tcp.ts";
import { chdir, stat } from "../../sys/files.ts";
import { closeQuietly, readFd, readFile, writeFd } from "../../sys/io.ts";
import { fork, setsid } from "../../sys/processes.ts";
import { O_RDWR } from "../../core/open-file.ts";
import { nullDevice } from "../../vfs/devices.ts";
import { S_IFDIR, S_IFMT } from "../../vfs/types.ts";
import { type Applet, Failure } from "../lib/applet.ts";
import { parseOptions } from "../lib/options.ts";

const headBytesMax = 16_384;

const types: Record<string, string> = {
  html: "text/html",
  htm: "text/html",
  txt: "text/plain",
  css: "text/css",
  js: "application/javascript",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
};

const reasons: Record<number, string> = {
  200: "OK",
  302: "Found",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  501: "Not Implemented",
};

export const httpd: Applet = async (io, args) => {
  const options = parseOptions(args, "fivp:h:u:c:r:");
  const [, bind = "0.0.0.0", port = "80"] = /^(?:(.*):)?(\d+)$/.exec(options.value("p") ?? "80") ?? [];
  const listener = await listen(io.process, options.value("h") ?? ".", bind.replace(/^\[(.*)\]$/, "$1"), Number(port));
  if (options.has("f")) return serve(io.process, listener);
  fork(io.process, async (daemon) => {
    setsid(daemon);
    for (const fd of [0, 1, 2]) daemon.fds.set(fd, nullDevice(O_RDWR));
    return serve(daemon, listener);
  });
  return 0;
};

/** Serves the directory's files until it is killed or interrupted. */
export async function serveDirectory(
  process: Process,
  directory: string,
  address: string,
  port: number,
): Promise<number> {
  return serve(process, await listen(process, directory, address, port));
}

async function listen(process: Process, directory: string, address: string, port: number): Promise<TcpListener> {
  chdir(process, directory);
  const { listener } = await listenTcp(process, address, port).catch((error: unknown) => {
    if (error instanceof Errno) throw new Failure(`bind: ${error.text}`);
    throw error;
  });
  return listener;
}

/** One process takes all connections, each served as it comes. */
async function serve(process: Process, listener: TcpListener): Promise<number> {
  for (;;) {
    const connection = await listener.nextConnection(process);
    const fd = process.fds.add(connection, true);
    void answer(process, fd)
      .catch(() => {})
      .finally(() => closeQuietly(process, fd));
  }
}

async function answer(process: Process, fd: number): Promise<void> {
  const head = await readHead(process, fd);
  const match = /^(GET|HEAD|POST) (\S+) HTTP\/1\.[01]\r?\n/.exec(head);
  if (!match) return respond(process, fd, head === "" ? 400 : 501, "");
  const path = decodePath((match[2] ?? "/").split("?", 1)[0] ?? "/");
  if (path.split("/").includes("..")) return respond(process, fd, 403, "");
  await sendFile(process, fd, `.${path}`, path, match[1] === "HEAD");
}

function decodePath(path: string): string {
  return path.replaceAll(/%([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

async function readHead(process: Process, fd: number): Promise<string> {
  let head = "";
  while (!/\r?\n\r?\n/.test(head) && head.length < headBytesMax) {
    const chunk = await readFd(process, fd);
    if (chunk.length === 0) break;
    head += fromBuffer(chunk);
  }
  return head;
}

async function sendFile(process: Process, fd: number, file: string, path: string, headOnly: boolean): Promise<void> {
  try {
    if ((stat(process, file).mode & S_IFMT) === S_IFDIR) {
      if (!path.endsWith("/")) return await respond(process, fd, 302, "", `Location: ${path}/\r\n`);
      return await sendFile(process, fd, `${file}index.html`, `${path}index.html`, headOnly);
    }
    const body = await readFile(process, file);
    const type = types[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    await respond(process, fd, 200, body, `Content-type: ${type}\r\n`, headOnly);
  } catch (error) {
    if (!(error instanceof Errno) || error.code === "EPIPE") throw error;
    await respond(process, fd, error.code === "EACCES" ? 403 : 404, "");
  }
}

async function respond(
  process: Process,
  fd: number,
  status: number,
  body: string,
  headers = "",
  headOnly = false,
): Promise<void> {
  const reason = reasons[status] ?? "";
  const text =
    body === "" && status !== 200
      ? `<HTML><HEAD><TITLE>${status} ${reason}</TITLE></HEAD>\n<BODY><H1>${status} ${reason}</H1></BODY></HTML>\n`
      : body;
  await writeFd(
    process,
    fd,
    `HTTP/1.1 ${status} ${reason}\r\n${headers}Content-Length: ${text.length}\r\nConnection: close\r\n\r\n${headOnly ? "" : text}`,
  );
}
