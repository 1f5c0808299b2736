/** The shape of JSON: which keys there are and of which types, not the values. */
import type { Json } from "../twin/json.ts";

type Kind = "array" | "boolean" | "null" | "number" | "object" | "string";

/** As it is in the file. An object is either one with `members`, or a map whose keys are data: then `values`. */
export interface Shape {
  readonly is: readonly Kind[];
  readonly members?: Readonly<Record<string, Shape>>;
  /** Members that are not always there. */
  readonly optional?: readonly string[];
  readonly values?: Shape;
  readonly items?: Shape;
}

/** Objects under these names are maps; below `devices` are maps again. */
const MAPS = new Set([
  "config",
  "devices",
  "disk",
  "expanded_config",
  "expanded_devices",
  "kernel_features",
  "lxc_features",
  "network",
  "properties",
]);
const MAPS_OF_MAPS = new Set(["devices", "expanded_devices"]);

export function shapeOf(value: Json, name = ""): Shape {
  const kind = kindOf(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => shapeOf(item));
    return { is: [kind], ...(items.length > 0 && { items: items.reduce(merged) }) };
  }
  if (typeof value !== "object" || value === null) return { is: [kind] };
  if (!MAPS.has(name))
    return { is: [kind], members: mapValues(value, (member, key) => shapeOf(member, key)), optional: [] };
  const values = Object.values(value).map((one) => shapeOf(one, MAPS_OF_MAPS.has(name) ? "config" : ""));
  return { is: [kind], ...(values.length > 0 && { values: values.reduce(merged) }) };
}

function kindOf(value: Json): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as "boolean" | "number" | "object" | "string";
}

/** What both fit into. */
export function merged(a: Shape, b: Shape): Shape {
  return {
    is: [...new Set([...a.is, ...b.is])].toSorted(),
    ...membersOf(a, b),
    ...either("values", a, b),
    ...either("items", a, b),
  };
}

function membersOf(a: Shape, b: Shape): Pick<Shape, "members" | "optional"> {
  if (a.members === undefined || b.members === undefined) {
    const { members, optional } = a.members === undefined ? b : a;
    return members === undefined ? {} : { members, optional: optional ?? [] };
  }
  const [left, right] = [a.members, b.members];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted();
  const isOptional = (name: string) =>
    !(name in left && name in right) || a.optional?.includes(name) || b.optional?.includes(name);
  const both = (name: string) => {
    const [one, other] = [left[name], right[name]];
    return one === undefined || other === undefined ? (one ?? other ?? { is: [] }) : merged(one, other);
  };
  return { members: Object.fromEntries(names.map((name) => [name, both(name)])), optional: names.filter(isOptional) };
}

function either(part: "items" | "values", a: Shape, b: Shape): Partial<Shape> {
  const [left, right] = [a[part], b[part]];
  const both = left === undefined || right === undefined ? (left ?? right) : merged(left, right);
  return both === undefined ? {} : { [part]: both };
}

/** Where `seen` is not as `known` says; an array that was always empty, or a null, tells nothing of what would be in it. */
export function misfits(seen: Shape, known: Shape, at = "$"): string[] {
  const kinds = seen.is.filter((kind) => !known.is.includes(kind));
  const found = kinds.map((kind) => `${at} is ${kind}, not ${known.is.join(" or ")}`);
  if (kinds.length > 0) return found;
  return [
    ...(seen.members && known.members ? memberMisfits(seen, known, at) : []),
    ...(seen.values && known.values ? misfits(seen.values, known.values, `${at}.*`) : []),
    ...(seen.items && known.items ? misfits(seen.items, known.items, `${at}[]`) : []),
  ];
}

function memberMisfits(seen: Shape, known: Shape, at: string): string[] {
  const members = seen.members ?? {};
  const expected = known.members ?? {};
  const required = Object.keys(expected).filter((name) => !known.optional?.includes(name));
  const always = (name: string) => name in members && !seen.optional?.includes(name);
  return [
    ...required.filter((name) => !always(name)).map((name) => `${at}.${name} is not always there`),
    ...Object.entries(members).flatMap(([name, shape]) => {
      const one = expected[name];
      return one === undefined ? [`${at}.${name} is unknown`] : misfits(shape, one, `${at}.${name}`);
    }),
  ];
}

function mapValues<T>(object: Readonly<Record<string, Json>>, change: (value: Json, key: string) => T) {
  return Object.fromEntries(Object.entries(object).map(([key, value]): [string, T] => [key, change(value, key)]));
}
