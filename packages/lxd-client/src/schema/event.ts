/** What `/1.0/events` sends: one JSON object per text message. Unordered, at most once, never replayed. */
import type { Timestamp } from "./common.ts";
import type { Operation, Requestor } from "./operation.ts";

export interface LifecycleMetadata {
  /** e.g. `instance-started`, `instance-shutdown`, `image-created`. */
  action: string;
  /** URL of the object, e.g. `/1.0/instances/x` or `/1.0/instances/x?project=p`. */
  source: string;
  context?: Record<string, unknown>;
  /** Absent when an instance ended by itself. */
  requestor?: Requestor;
  /** Newer servers only; use `source`. */
  name?: string;
  project?: string;
}

export interface LoggingMetadata {
  message: string;
  level: string;
  context: Record<string, string> | null;
}

interface EventBase {
  timestamp: Timestamp;
  location?: string;
  project?: string;
}

export interface LifecycleEvent extends EventBase {
  type: "lifecycle";
  metadata: LifecycleMetadata;
}

/** Those of an exec carry its environment and websocket secrets: never log one. */
export interface OperationEvent extends EventBase {
  type: "operation";
  metadata: Operation;
}

export interface LoggingEvent extends EventBase {
  type: "logging";
  metadata: LoggingMetadata;
}

export type LxdEvent = LifecycleEvent | OperationEvent | LoggingEvent;

export type EventType = LxdEvent["type"];
