/** JSON as it comes from the wire. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Empty for what is no text. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
