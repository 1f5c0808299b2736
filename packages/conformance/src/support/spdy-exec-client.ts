/** A client of exec URLs: `v4.channel.k8s.io` over SPDY, as the kubelet speaks it. Holds nothing of what it is sent. */
import { SpdyTestClient, type SpdyTestStream } from "@lxe/cri/streaming/testing";

export class SpdyExecClient implements AsyncDisposable {
  readonly #client: SpdyTestClient;
  readonly #streams: Record<"error" | "stdout", SpdyTestStream>;
  readonly #stdin: SpdyTestStream | undefined;
  receivedBytes = 0;

  /** Of an exec that gives its output, and takes input if `stdin`. */
  static async open(url: string, { stdin = false }: { stdin?: boolean } = {}): Promise<SpdyExecClient> {
    const client = await SpdyTestClient.connect(url);
    const error = await client.open({ streamtype: "error" });
    const input = stdin ? await client.open({ streamtype: "stdin" }) : undefined;
    const stdout = await client.open({ streamtype: "stdout" });
    return new SpdyExecClient(client, { error, stdout }, input);
  }

  private constructor(
    client: SpdyTestClient,
    streams: Record<"error" | "stdout", SpdyTestStream>,
    stdin: SpdyTestStream | undefined,
  ) {
    this.#client = client;
    this.#streams = streams;
    this.#stdin = stdin;
    streams.stdout.onPiece((piece) => {
      this.receivedBytes += piece.length;
    });
  }

  /** Resolves when the socket has taken it. */
  async write(bytes: Buffer): Promise<void> {
    await this.#stdin?.write(bytes);
  }

  async endInput(): Promise<void> {
    await this.#stdin?.end();
  }

  /** What the server says at the end: `Success`, or how it failed. */
  async status(): Promise<string> {
    const text = await this.#streams.error.text();
    return (JSON.parse(text || "{}") as { status?: string; message?: string }).status ?? `no status: ${text}`;
  }

  /** Takes no more from the server. */
  stopReading(): void {
    this.#client.socket.pause();
  }

  /** As a client that is killed leaves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.socket.destroy();
    await this.#client.closed;
  }
}
