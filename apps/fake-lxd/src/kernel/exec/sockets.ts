/** The websockets of one exec or console: named, each with its secret, each taken once. */
import { randomHex } from "../../platform/seeded.ts";
import { withTimeout } from "../../platform/sleep.ts";
import type { Clock, Random } from "../../platform/types.ts";
import { failure } from "../errors.ts";
import type { OperationSocket, WebsocketEntry } from "../operations.ts";

const secretDigits = 64;

export class Sockets implements WebsocketEntry {
  /** Name -> secret, as the operation's metadata shows it. */
  readonly fds: Record<string, string>;
  readonly #connected = new Map<string, OperationSocket>();
  readonly #required: ReadonlySet<string>;
  readonly #ready = Promise.withResolvers<boolean>();
  readonly #onConnect: (name: string, socket: OperationSocket) => void;

  /** `onConnect` sees each socket at once, so that no early message is missed. */
  constructor(
    random: Random,
    names: readonly string[],
    required: readonly string[],
    onConnect: (name: string, socket: OperationSocket) => void,
  ) {
    this.fds = Object.fromEntries(names.map((name) => [name, randomHex(random, secretDigits)]));
    this.#required = new Set(required);
    this.#onConnect = onConnect;
  }

  claim(secret: string): (socket: OperationSocket) => void {
    const [name] = Object.entries(this.fds).find(([, own]) => own === secret) ?? [];
    if (name === undefined) throw failure("permission denied");
    // LXD takes a second connection and then has no use for it.
    if (this.#connected.has(name)) return (socket) => socket.cut();
    return (socket) => this.#take(name, socket);
  }

  get(name: string): OperationSocket | undefined {
    return this.#connected.get(name);
  }

  /** False when a required one is missing after `timeoutMs`. */
  allConnected(clock: Clock, timeoutMs: number): Promise<boolean> {
    return withTimeout(clock, timeoutMs, this.#ready.promise, false);
  }

  cutAll(): void {
    for (const socket of this.#connected.values()) socket.cut();
  }

  #take(name: string, socket: OperationSocket): void {
    this.#connected.set(name, socket);
    this.#onConnect(name, socket);
    if ([...this.#required].every((required) => this.#connected.has(required))) this.#ready.resolve(true);
  }
}
