/** Plain HTTP over the unix socket, as tests of the API use it: no client library in between. */
import { request as httpRequest } from "node:http";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface Envelope {
  type: "sync" | "async" | "error";
  status: string;
  status_code: number;
  operation: string;
  error_code: number;
  error: string;
  metadata: unknown;
}

export interface FinishedOperation {
  id: string;
  status: string;
  err: string;
  resources: Record<string, string[]> | null;
  metadata: Record<string, unknown> | null;
}

export class Api {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  raw(method: string, path: string, body?: string | Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ socketPath: this.socketPath, method, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  /** The envelope of a JSON request. */
  async call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Envelope> {
    const answer = await this.raw(method, path, body === undefined ? undefined : JSON.stringify(body), headers);
    return JSON.parse(answer.text) as Envelope;
  }

  /** The metadata of a success. */
  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    const envelope = await this.call("GET", path);
    if (envelope.type === "error") throw new Error(envelope.error);
    return envelope.metadata as T;
  }

  /** Status and text of a refusal. */
  async refusal(method: string, path: string, body?: unknown): Promise<[status: number, error: string]> {
    const { error_code: code, error } = await this.call(method, path, body);
    return [code, error];
  }

  /** Starts an operation and waits for its end. */
  async operate(method: string, path: string, body?: unknown): Promise<FinishedOperation> {
    const envelope = await this.call(method, path, body);
    if (envelope.type !== "async") throw new Error(`not an operation: ${JSON.stringify(envelope)}`);
    return await this.get<FinishedOperation>(`${envelope.operation}/wait`);
  }

  /** As `operate`, and its failure is the test's. */
  async must(method: string, path: string, body?: unknown): Promise<FinishedOperation> {
    const operation = await this.operate(method, path, body);
    if (operation.status !== "Success") throw new Error(`${method} ${path}: ${operation.err}`);
    return operation;
  }

  async uploadImage(archive: Uint8Array, alias: string): Promise<string> {
    const headers = { "content-type": "application/octet-stream", "x-lxd-filename": "image.tar.gz" };
    const answer = await this.raw("POST", "/1.0/images", archive, headers);
    const { operation } = JSON.parse(answer.text) as Envelope;
    const { metadata, status, err } = await this.get<FinishedOperation>(`${operation}/wait`);
    if (status !== "Success") throw new Error(err);
    const target = String(metadata?.["fingerprint"]);
    await this.call("POST", "/1.0/images/aliases", { name: alias, target });
    return target;
  }
}
