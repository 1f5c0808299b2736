/** Faults that a test or a user asks for. A rule says when (`match`), what (`action`), how often. */

export interface RuleMatch {
  /** HTTP method, upper case. */
  method?: string;
  /** Against path and query, e.g. `/^\/1\.0\/instances\/x\/state/`. Websocket connects are GETs. */
  path?: RegExp;
  /** Against an event's `lifecycle:<action>`, `operation:<description>` or `logging:<message>`. */
  event?: RegExp;
  /** Against an instance's name: only for the action `instance-error`. */
  instance?: RegExp;
  /** Against the path of something to be stored, for `disk-full`: `/images/<fingerprint>`, `/instances/<name>`, `/volumes/<name>`. */
  store?: RegExp;
}

export type RuleAction =
  /** The request is handled, or the event delivered, this much later. */
  | { kind: "delay"; ms: number }
  /** The request is answered with an error and not handled. Default text: LXD's for the status. */
  | { kind: "error"; status: number; error?: string }
  /** The connection is cut before the request is handled. */
  | { kind: "reset" }
  /** The connection is cut after the request was handled: the client cannot know. */
  | { kind: "lose-answer" }
  /** The event is never sent. */
  | { kind: "drop-event" }
  /** A websocket that connects by this request is cut without a close frame after `afterMs` (default 0). */
  | { kind: "break-websocket"; afterMs?: number }
  /** The daemon dies before (default) or after it has handled the request; `FakeLxd.restart()` brings it back. */
  | { kind: "crash"; when?: "before" | "after" }
  /** Uploads and creates fail: no space left on device. */
  | { kind: "disk-full" }
  /** The instance's status reads as Error (112): its monitor does not answer. */
  | { kind: "instance-error" };

export interface Rule {
  match: RuleMatch;
  action: RuleAction;
  /** How often it applies before it is gone; default for ever. */
  times?: number;
  /** In [0, 1]; default 1. Decided by the seeded random source. */
  probability?: number;
}

export interface Rules {
  /** Rules are asked in the order of adding; all that apply do. Disposing removes the rule. */
  add(rule: Rule): Disposable;
  clear(): void;
}
