/** A client of port-forward URLs: `portforward.k8s.io` over SPDY, as the kubelet speaks it. */
import { createHash } from "node:crypto";
import { SpdyTestClient, type SpdyTestStream } from "@lxe/cri/streaming/testing";
import type { ArmInstance } from "../arms/arm.ts";
import type { TestPod } from "./pod.ts";

/** One connection to a port of the pod. */
export class ForwardedConnection {
  readonly #data: SpdyTestStream;
  readonly #error: SpdyTestStream;

  constructor(data: SpdyTestStream, error: SpdyTestStream) {
    this.#data = data;
    this.#error = error;
  }

  /** Resolves when the socket has taken it. */
  write(bytes: string | Uint8Array): Promise<void> {
    return this.#data.write(Buffer.from(bytes));
  }

  end(): Promise<void> {
    return this.#data.end();
  }

  reset(): Promise<void> {
    return this.#data.reset();
  }

  /** All that the pod sends, up to its end. */
  text(): Promise<string> {
    return this.#data.text();
  }

  get textSoFar(): string {
    return this.#data.textSoFar;
  }

  /** Takes what the pod sends, in place of `text`. */
  onPiece(take: (piece: Buffer) => void): void {
    this.#data.onPiece(take);
  }

  /** Resolves when the pod has ended its side. */
  get ended(): Promise<unknown> {
    return this.#data.ended;
  }

  /** SHA-256 of all that the pod sends. */
  async digest(): Promise<string> {
    const hash = createHash("sha256");
    this.#data.onPiece((piece) => hash.update(piece));
    await this.#data.ended;
    return hash.digest("hex");
  }

  /** What the server says went wrong; empty when nothing did. */
  failure(): Promise<string> {
    return this.#error.text();
  }
}

export class PortForwardClient implements AsyncDisposable {
  readonly #client: SpdyTestClient;
  #requests = 0;

  static async open(arm: Pick<ArmInstance, "cri">, pod: Pick<TestPod, "id">): Promise<PortForwardClient> {
    const { url } = await arm.cri.portForward({ podSandboxId: pod.id });
    return new PortForwardClient(await SpdyTestClient.connect(url, ["portforward.k8s.io"]));
  }

  private constructor(client: SpdyTestClient) {
    this.#client = client;
  }

  async connect(port: number): Promise<ForwardedConnection> {
    const headers = { port: String(port), requestid: String(this.#requests++) };
    const error = await this.#client.open({ streamtype: "error", ...headers });
    await error.end();
    return new ForwardedConnection(await this.#client.open({ streamtype: "data", ...headers }), error);
  }

  /** Takes no more from the server. */
  stopReading(): void {
    this.#client.socket.pause();
  }

  /** Resolves when the server has closed it. */
  get closed(): Promise<void> {
    return this.#client.closed;
  }

  /** As a client that is killed leaves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.socket.destroy();
    await this.#client.closed;
  }
}
