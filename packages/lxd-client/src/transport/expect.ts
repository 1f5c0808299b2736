/**
 * Checks that an answer has the shape it is typed as: its kind, and the key by which such objects are known. Deeper checks would
 * break on servers that add or drop fields.
 */
import { LxdError } from "../errors.ts";
import type { Operation } from "../schema/operation.ts";

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with a value at `key`. */
export function asObject<T extends object>(label: string, value: unknown, key: keyof T & string): T {
  if (isObject(value) && value[key] !== undefined) return value as T;
  throw unexpected(label, `an object with "${key}"`);
}

/** A list of such objects; LXD writes an empty list as null at times. */
export function asObjects<T extends object>(label: string, value: unknown, key: keyof T & string): T[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw unexpected(label, "a list");
  return value.map((item: unknown) => asObject<T>(label, item, key));
}

/** The last segments of a list of URLs. */
export function asNames(label: string, value: unknown): string[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw unexpected(label, "a list of URLs");
  return value.map((item: unknown) => {
    if (typeof item !== "string") throw unexpected(label, "a list of URLs");
    return nameInUrl(item);
  });
}

export function asStrings(label: string, value: unknown): string[] {
  if (value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw unexpected(label, "a list of strings");
  return value;
}

export function asOperation(label: string, value: unknown): Operation {
  if (isObject(value) && typeof value["id"] === "string" && typeof value["status_code"] === "number") {
    return value as unknown as Operation;
  }
  throw unexpected(label, "an operation");
}

function nameInUrl(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
}

function unexpected(label: string, what: string): LxdError {
  return new LxdError("protocol", `${label}: the answer is not ${what}`, { request: label });
}
