/** A client of exec and attach URLs: `v5.channel.k8s.io` over a WebSocket, or the version before it, as kubectl speaks it. */
import { once } from "node:events";
import { WebSocket } from "ws";

const Channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** The older one cannot end the input. */
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** containerd refuses a client that names none. */
const ORIGIN = "http://localhost";

/** What stands on the error channel at the end. */
interface FinalStatus {
  readonly status?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

export interface StreamResult {
  /** 0 for success; undefined when the server says something other than an exit code. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Of a failure. */
  readonly message: string;
}

export class StreamClient implements AsyncDisposable {
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  #status: FinalStatus = {};
  readonly #socket: WebSocket;
  readonly #closed: Promise<void>;

  static async open(url: string): Promise<StreamClient> {
    const client = new StreamClient(new WebSocket(url, PROTOCOLS, { origin: ORIGIN }));
    await once(client.#socket, "open");
    return client;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => void socket.once("close", () => resolve()));
    socket.on("message", (data: Buffer) => this.#take(data[0] ?? Channel.close, data.subarray(1)));
  }

  /** All that has come so far. */
  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  get stderr(): Buffer {
    return Buffer.concat(this.#stderr);
  }

  write(text: string | Uint8Array): void {
    this.#send(Channel.stdin, Buffer.from(text));
  }

  endInput(): void {
    this.#send(Channel.close, Buffer.from([Channel.stdin]));
  }

  resize(width: number, height: number): void {
    this.#send(Channel.resize, Buffer.from(JSON.stringify({ Width: width, Height: height })));
  }

  /** Takes nothing more of what comes. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** What it was when the server closed the connection. */
  async result(): Promise<StreamResult> {
    await this.#closed;
    const { status, message = "", details } = this.#status;
    const exitCode = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
    return {
      code: status === "Success" ? 0 : exitCode === undefined ? undefined : Number(exitCode),
      stdout: this.stdout.toString(),
      stderr: this.stderr.toString(),
      message,
    };
  }

  /** As a client that is killed leaves. */
  async cut(): Promise<void> {
    this.#socket.terminate();
    await this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cut();
  }

  #send(channel: number, bytes: Buffer): void {
    this.#socket.send(Buffer.concat([Buffer.from([channel]), bytes]));
  }

  #take(channel: number, bytes: Buffer): void {
    if (channel === Channel.stdout) this.#stdout.push(bytes);
    if (channel === Channel.stderr) this.#stderr.push(bytes);
    if (channel === Channel.error) this.#status = JSON.parse(bytes.toString()) as FinalStatus;
  }
}
