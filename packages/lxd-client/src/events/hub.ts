/** Who listens to the events connection: spreads lifecycle events, connection states and resync signals. */
import type { ConnectionState, EventListener, EventsApi, EventSubscription } from "../api/events.ts";
import type { LxdEvent } from "../schema/event.ts";
import type { Operation } from "../schema/operation.ts";
import { EventsConnection, type EventsConnectionOptions } from "./connection.ts";

/** What the operation tracker needs. */
export interface OperationFeed {
  /** Opens the connection if that has not happened. */
  start(): void;
  isConnected(): boolean;
  /** Which connection stands, undefined when none does: the same number before and after means that nothing was missed. */
  listening(): number | undefined;
}

export interface OperationSink {
  observe(operation: Operation): void;
  /** The connection stands again: events were lost. */
  resync(): void;
}

export interface EventHub extends EventsApi, OperationFeed {
  close(): void;
}

export interface EventHubOptions extends Omit<EventsConnectionOptions, "onState" | "onEvent"> {
  /** Called when the connection is lost: what was known of the server may have changed. */
  onDisconnected(): void;
  operations(): OperationSink;
}

export function eventHub(options: EventHubOptions): EventHub {
  const listeners = new Set<EventListener>();
  const connection = new EventsConnection({ ...options, onState, onEvent });
  const isConnected = () => connection.state.status === "connected";
  let connections = 0;

  function onState(state: ConnectionState): void {
    for (const listener of listeners) listener.connection?.(state);
    if (state.status === "disconnected") options.onDisconnected();
    if (state.status !== "connected") return;
    connections += 1;
    options.operations().resync();
    for (const listener of listeners) listener.resync?.();
  }

  function onEvent(event: LxdEvent): void {
    if (event.type === "operation") return options.operations().observe(event.metadata);
    if (event.type === "lifecycle") for (const listener of listeners) listener.lifecycle?.(event);
    return undefined;
  }

  return {
    get connection() {
      return connection.state;
    },
    subscribe(listener) {
      const own = { ...listener };
      listeners.add(own);
      if (isConnected()) queueMicrotask(() => listeners.has(own) && isConnected() && own.resync?.());
      connection.start();
      return subscription(() => listeners.delete(own));
    },
    start: () => connection.start(),
    isConnected,
    listening: () => (isConnected() ? connections : undefined),
    close: () => connection.close(),
  };
}

function subscription(close: () => void): EventSubscription {
  return { close, [Symbol.dispose]: close };
}
