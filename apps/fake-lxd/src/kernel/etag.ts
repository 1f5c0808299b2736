import { createHash } from "node:crypto";
import { LxdFailure } from "./errors.ts";

/** SHA-256 over the JSON of the fields that LXD covers for the kind of object. */
export function etagOf(fields: unknown): string {
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

/** Throws 412 when the client expects another version. No header, no check. */
export function checkEtag(ifMatch: string | undefined, currentEtag: () => string): void {
  if (ifMatch === undefined) return;
  const given = ifMatch.replaceAll('"', "");
  const current = currentEtag();
  if (given !== current) throw new LxdFailure(412, `ETag doesn't match: ${current} vs ${given}`);
}

/** Maps in Go's JSON are sorted by key. */
export function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  const result = inOrder(map);
  return result === map ? { ...map } : result;
}

/** The same, of a map that nobody changes: itself where it is sorted already. */
export function inOrder<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  const keys = Object.keys(map);
  if (isSorted(keys)) return map;
  const result: Record<string, T> = {};
  for (const key of keys.toSorted()) result[key] = map[key] as T;
  return result;
}

function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index++)
    if ((keys[index - 1] as string) > (keys[index] as string)) return false;
  return true;
}

/** Devices by name, their options sorted, too. Nobody changes a device in place. */
export function sortedDevices(
  devices: Readonly<Record<string, Record<string, string>>>,
): Record<string, Record<string, string>> {
  const result: Record<string, Record<string, string>> = {};
  for (const name of Object.keys(devices).toSorted()) result[name] = inOrder(devices[name] ?? {});
  return result;
}
