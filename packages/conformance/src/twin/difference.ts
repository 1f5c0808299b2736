/** Where two JSON values differ. */
import type { Json } from "./json.ts";

export interface Difference {
  /** As `$.metadata.config["a.b"]`. */
  readonly at: string;
  readonly fake: Json | undefined;
  readonly real: Json | undefined;
}

type Members = readonly (readonly [name: string, value: Json])[];

export function differences(fake: Json | undefined, real: Json | undefined, at = "$"): Difference[] {
  const left = membersOf(fake);
  const right = membersOf(real);
  if (left === undefined || right === undefined || Array.isArray(fake) !== Array.isArray(real)) {
    return JSON.stringify(fake) === JSON.stringify(real) ? [] : [{ at, fake, real }];
  }
  const [a, b] = [new Map(left), new Map(right)];
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].flatMap((name) => differences(a.get(name), b.get(name), `${at}${step(name, Array.isArray(fake))}`));
}

function membersOf(value: Json | undefined): Members | undefined {
  return typeof value === "object" && value !== null ? Object.entries(value) : undefined;
}

function step(name: string, isIndex: boolean): string {
  if (isIndex) return `[${name}]`;
  return /^\w+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
