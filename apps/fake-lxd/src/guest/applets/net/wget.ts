/** wget: one URL over HTTP. */
import { Errno } from "../../core/errno.ts";
import { O_CREAT, O_TRUNC, O_WRONLY } from "../../core/open-file.ts";
import { connectTcp } from "../../net/tcp.ts";
import { exists } from "../../sys/files.ts";
import { readAll, writeFd, writeFile } from "../../sys/io.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "../lib/applet.ts";
import { parseOptions } from "../lib/options.ts";
import { resolveHost } from "./resolve.ts";

const redirectsMax = 5;

interface Response {
  status: number;
  reason: string;
  headers: Map<string, string>;
  head: string;
  body: string;
}

interface Target {
  host: string;
  port: number;
  path: string;
}

export const wget: Applet = async (io, args) => {
  const options = parseOptions(args, "cqSO:o:T:t:U:P:Y:", { quiet: "q", timeout: "T", "output-document": "O" });
  const [url] = options.operands;
  if (url === undefined) throw new UsageError("usage: wget [-cqS] [-O FILE] [-T SEC] URL...");
  const quiet = options.has("q");
  const target = parseUrl(url);
  const response = await fetchFollowing(io, target, quiet);
  if (options.has("S"))
    await writeFd(
      io.process,
      2,
      response.head
        .split("\r\n")
        .map((line) => `  ${line}\n`)
        .join(""),
    );
  if (response.status >= 300)
    throw new Failure(`server returned error: HTTP/1.1 ${response.status} ${response.reason}`);
  return save(io, options.value("O"), options.value("P"), target, response.body, quiet);
};

function parseUrl(url: string): Target {
  const match = /^(?:http:\/\/)?(\[[^\]]+\]|[^/:]+)(?::(\d+))?(\/.*)?$/.exec(url);
  if (!match || url.startsWith("https:") || url.startsWith("ftp:")) throw new Failure(`not an http or ftp url: ${url}`);
  return { host: match[1] ?? "", port: Number(match[2] ?? 80), path: match[3] ?? "/" };
}

async function fetchFollowing(io: AppletIo, first: Target, quiet: boolean): Promise<Response> {
  let target = first;
  for (let count = 0; count < redirectsMax; count++) {
    const response = await fetchOnce(io, target, quiet);
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === undefined) return response;
    target = location.startsWith("/") ? { ...target, path: location } : parseUrl(location);
  }
  throw new Failure("too many redirections");
}

async function fetchOnce(io: AppletIo, { host, port, path }: Target, quiet: boolean): Promise<Response> {
  const address = resolveHost(io.process, host);
  if (address === undefined) throw new Failure(`bad address '${host}'`);
  if (!quiet)
    await writeFd(io.process, 2, `Connecting to ${host}${port === 80 ? "" : `:${port}`} (${address}:${port})\n`);
  const socket = await connectTcp(io.process, address, port).catch((error: unknown) => {
    if (error instanceof Errno) throw new Failure(`can't connect to remote host (${address}): ${error.text}`);
    throw error;
  });
  const fd = io.process.fds.add(socket, true);
  await writeFd(
    io.process,
    fd,
    `GET ${path} HTTP/1.1\r\nHost: ${host}${port === 80 ? "" : `:${port}`}\r\nUser-Agent: Wget\r\nConnection: close\r\n\r\n`,
  );
  const text = await readAll(io.process, fd);
  io.process.fds.close(fd);
  return parseResponse(text);
}

function parseResponse(text: string): Response {
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? text : text.slice(0, end);
  const [statusLine = "", ...rows] = head.split("\r\n");
  const match = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(statusLine);
  if (!match) throw new Failure("error getting response");
  const headers = new Map(
    rows.map((row) => [row.slice(0, row.indexOf(":")).toLowerCase(), row.slice(row.indexOf(":") + 1).trim()]),
  );
  const raw = end < 0 ? "" : text.slice(end + 4);
  const body =
    headers.get("transfer-encoding") === "chunked"
      ? unchunk(raw)
      : raw.slice(0, Number(headers.get("content-length") ?? raw.length));
  return { status: Number(match[1]), reason: match[2] ?? "", headers, head, body };
}

function unchunk(raw: string): string {
  let body = "";
  for (let at = 0; at < raw.length; ) {
    const end = raw.indexOf("\r\n", at);
    const size = Number.parseInt(raw.slice(at, end), 16);
    if (end < 0 || !size) break;
    body += raw.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
  return body;
}

async function save(
  io: AppletIo,
  output: string | undefined,
  directory: string | undefined,
  target: Target,
  body: string,
  quiet: boolean,
): Promise<number> {
  if (output === "-") {
    await io.out(body);
    return 0;
  }
  const last = target.path.slice(target.path.lastIndexOf("/") + 1) || "index.html";
  const path = output ?? (directory === undefined ? last : `${directory}/${last}`);
  if (output === undefined && exists(io.process, path)) throw new Failure(`can't open '${path}': File exists`);
  await writeFile(io.process, path, O_WRONLY | O_CREAT | O_TRUNC, body);
  if (!quiet) await writeFd(io.process, 2, `saving to '${path}'\n'${path}' saved\n`);
  return 0;
}
