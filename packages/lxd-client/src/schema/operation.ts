/** Operations: work that LXD does after it has answered. LXD forgets one five seconds after its end. */
import type { Timestamp } from "./common.ts";

export interface Requestor {
  username: string;
  protocol: string;
  address: string;
}

export interface Operation {
  id: string;
  /** A `token` never ends by itself. */
  class: "task" | "websocket" | "token";
  description: string;
  created_at: Timestamp;
  updated_at: Timestamp;
  status: string;
  /** 200 and above is final: 200 Success, 400 Failure, 401 Cancelled. */
  status_code: number;
  /** URLs by kind, e.g. `{instances: ["/1.0/instances/x"]}`; unreliable on new versions. */
  resources: Record<string, string[]> | null;
  /** Depends on the operation. That of an exec holds its environment and websocket secrets: never log it. */
  metadata: Record<string, unknown> | null;
  may_cancel: boolean;
  /** Empty, or why it failed. */
  err: string;
  /** HTTP-like; only on LXD 6.9 and later. */
  err_code?: number;
  location: string;
  requestor?: Requestor;
}

/** `GET /1.0/operations?recursion=1`: by lower-case status. */
export type OperationsByStatus = Record<string, Operation[]>;
