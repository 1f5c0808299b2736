/** GET over HTTP or HTTPS with the errors that Go's client prints. For image servers only. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { failure } from "../errors.ts";

export interface Reply {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface GetOptions {
  /** PEM of the server, instead of the authorities that Node trusts. */
  certificate?: string | undefined;
  signal?: AbortSignal | undefined;
}

const redirectsMax = 10;
const userAgent = "LXD 5.0.2";

function refused(url: URL, error: NodeJS.ErrnoException): Error {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const where = `${url.hostname}:${port}`;
  const reason = error.code === "ECONNREFUSED" ? "connection refused" : error.message;
  return failure(`Get "${url.href}": Unable to connect to: ${where} ([dial tcp ${where}: connect: ${reason}])`);
}

function once(url: URL, options: GetOptions): Promise<Reply> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const trust = options.certificate ? { ca: options.certificate, checkServerIdentity: () => undefined } : {};
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { ...trust, headers: { "user-agent": userAgent }, ...(options.signal && { signal: options.signal }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    outgoing.on("error", (error) => reject(refused(url, error)));
    outgoing.end();
  });
}

/** Follows redirects. Throws when the server cannot be reached; any status is an answer. */
export async function httpGet(address: string, options: GetOptions): Promise<Reply> {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw failure(`Get "${address}": unsupported protocol scheme ""`);
  }
  for (let hop = 0; hop < redirectsMax; hop++) {
    const reply = await once(url, options);
    const { location } = reply.headers;
    if (reply.status < 300 || reply.status >= 400 || location === undefined) return reply;
    url = new URL(location, url);
  }
  throw failure(`Get "${address}": stopped after ${redirectsMax} redirects`);
}
