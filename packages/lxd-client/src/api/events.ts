import type { LifecycleEvent } from "../schema/event.ts";

export type ConnectionState =
  | { status: "idle" }
  | { status: "connecting" }
  | { status: "connected" }
  | { status: "disconnected"; reason: Error; retryInMs: number }
  | { status: "closed" };

/** Callbacks are called one at a time and must not throw. */
export interface EventListener {
  /** Unordered, at most once: re-read the object instead of trusting the event. */
  lifecycle?(event: LifecycleEvent): void;
  /**
   * Events before this are lost for good, those after it are coming: list now. Called once after subscribing as soon as the
   * connection stands, and again after each reconnection.
   */
  resync?(): void;
  connection?(state: ConnectionState): void;
}

export interface EventSubscription extends Disposable {
  close(): void;
}

/** The one events connection of a client. It opens with the first subscriber or wait, and reconnects with back-off until the client is closed. */
export interface EventsApi {
  readonly connection: ConnectionState;
  subscribe(listener: EventListener): EventSubscription;
}
