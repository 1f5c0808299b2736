import { toBytes } from "../core/bytes.ts";

/** Environment of the contract as byte strings. */
export function environment(env: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(env).map(([name, value]) => [toBytes(name), toBytes(value)]));
}
