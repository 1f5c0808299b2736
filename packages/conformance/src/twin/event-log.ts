/** Everything that one LXD tells on its event stream, operation and lifecycle events of all projects. */
import { once } from "node:events";
import { WebSocket } from "ws";
import type { Json, JsonObject } from "./json.ts";

export interface LoggedEvent {
  readonly type: string;
  readonly project: string;
  readonly metadata: JsonObject;
}

export class EventLog implements Disposable {
  readonly #socket: WebSocket;
  readonly #listeners = new Set<(event: LoggedEvent) => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#receive(data.toString()));
  }

  static async open(socketPath: string): Promise<EventLog> {
    const socket = new WebSocket(`ws+unix://${socketPath}:/1.0/events?all-projects=true&type=operation,lifecycle`, {
      perMessageDeflate: false,
    });
    const log = new EventLog(socket);
    await once(socket, "open");
    return log;
  }

  listen(listener: (event: LoggedEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #receive(text: string): void {
    const { type, project, metadata } = JSON.parse(text) as Record<string, Json>;
    if (typeof type !== "string" || typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
      return;
    const event = { type, project: typeof project === "string" ? project : "", metadata };
    for (const listener of this.#listeners) listener(event);
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
