/** A registry in this process that does what a test tells it: a real server, so that connections can break, stall and trickle. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sha256 } from "./layers.ts";
import type { TestImage } from "./test-image.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:<port>`: the domain of references to it. */
  readonly host: string;
  readonly seen: readonly SeenRequest[];
  /** Offers the image as `<repository>:<tag>`, and by its digest. */
  push(image: TestImage, repository: string, tag: string): void;
  pushManifest(repository: string, tag: string, bytes: Buffer, mediaType: string): void;
  /** Answers requests for the path (with its query) that are not yet answered by an earlier one of these. Once, unless told otherwise. */
  on(path: string, handler: Handler, times?: number): void;
  /** Is asked before anything else; true: it has answered. */
  guard: (request: IncomingMessage, response: ServerResponse) => boolean;
}

interface Content {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

export async function startTestRegistry(): Promise<TestRegistry> {
  const contents = new Map<string, Content>();
  const handlers: { readonly path: string; readonly handler: Handler; left: number }[] = [];
  const seen: SeenRequest[] = [];

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      // containerd tells mirrors which registry they stand for
      const path = (request.url ?? "").replace(/\?ns=[^&]*$/u, "");
      seen.push({
        method: request.method ?? "",
        path,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      if (registry.guard(request, response)) return;
      const special = handlers.find((each) => each.path === path && each.left > 0);
      if (special === undefined) return serve(contents.get(path), request, response);
      special.left -= 1;
      special.handler(request, response);
    });
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;

  const registry: TestRegistry = {
    host: `127.0.0.1:${port}`,
    seen,
    guard: () => false,
    push: ({ manifest, mediaType, blobs }, repository, tag) => {
      registry.pushManifest(repository, tag, manifest, mediaType);
      for (const [digest, bytes] of blobs) {
        contents.set(`/v2/${repository}/blobs/${digest}`, { bytes, mediaType: "application/octet-stream" });
      }
    },
    pushManifest: (repository, tag, bytes, mediaType) => {
      for (const name of [tag, sha256(bytes)])
        contents.set(`/v2/${repository}/manifests/${name}`, { bytes, mediaType });
    },
    on: (path, handler, times = 1) => void handlers.push({ path, handler, left: times }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => void server.close(() => done()));
    },
  };
  return registry;
}

export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "",
): Handler {
  return (_, response) => void response.writeHead(status, headers).end(body);
}

/** Sends the first bytes and breaks the connection. */
export function breakAfter(bytes: Buffer, count: number): Handler {
  return (_, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, count), () => void response.destroy());
  };
}

function serve(content: Content | undefined, { headers }: IncomingMessage, response: ServerResponse): void {
  if (content === undefined) {
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }));
    return;
  }
  const { bytes, mediaType } = content;
  const start = Number(/^bytes=(\d+)-$/u.exec(headers.range ?? "")?.[1] ?? 0);
  const range = start === 0 ? {} : { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(start === 0 ? 200 : 206, {
    ...range,
    "content-type": mediaType,
    "content-length": bytes.length - start,
    "docker-content-digest": sha256(bytes),
  });
  response.end(bytes.subarray(start));
}
