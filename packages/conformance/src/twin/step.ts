/**
 * What a twin sequence is made of: plain data, so that it can be generated, shrunk, printed and pasted.
 *
 * Strings may hold placeholders that stand for what belongs to a lane or to one of the two LXDs: `{net}` (the lane's
 * bridge), `{subnet}` (first three numbers of its addresses), `{image}` (fingerprint of the busybox image), `{other}` (of
 * the second image), `{port}` (a free port of the side), `{dir}` (a host directory with `file` and `sub/`).
 */

import type { Json, JsonObject } from "./json.ts";

export type Method = "GET" | "PUT" | "PATCH" | "POST" | "DELETE" | "HEAD";

/** Which ETag goes along: that of now, the first one seen of the object in this sequence, or one that never was. */
export type IfMatch = "current" | "first" | "bogus";

/** One request; an operation that it starts is awaited. */
export interface RequestStep {
  readonly do: "request";
  readonly method: Method;
  readonly path: string;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ifMatch?: IfMatch;
}

/** Read, modify, PUT: null removes a key, objects merge, anything else replaces. */
export interface EditStep {
  readonly do: "edit";
  readonly path: string;
  readonly change: JsonObject;
  readonly ifMatch?: IfMatch;
}

/** A command with recorded output, whose files are read and deleted. */
export interface ExecStep {
  readonly do: "exec";
  readonly instance: string;
  readonly body: JsonObject;
}

export type Step = RequestStep | EditStep | ExecStep;

/** A step in one line. */
export function describeStep(step: Step): string {
  if (step.do === "exec") return `exec ${step.instance} ${JSON.stringify(step.body)}`;
  const condition = step.ifMatch === undefined ? "" : ` (If-Match: ${step.ifMatch})`;
  if (step.do === "edit") return `edit ${step.path} ${JSON.stringify(step.change)}${condition}`;
  const body = step.body === undefined ? "" : ` ${JSON.stringify(step.body)}`;
  return `${step.method} ${step.path}${body}${condition}`;
}
