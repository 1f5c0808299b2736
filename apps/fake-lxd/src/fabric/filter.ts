/** `?filter=`: `[not] field eq|ne value` joined by and/or, evaluated left to right. */
import { failure } from "../kernel/errors.ts";

interface Clause {
  joinedBy: "and" | "or";
  negated: boolean;
  field: string;
  operator: string;
  value: string;
}

function tokens(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

function parse(text: string): Clause[] {
  const words = tokens(text);
  const clauses: Clause[] = [];
  let joinedBy: "and" | "or" = "and";
  for (let index = 0; index < words.length; ) {
    const negated = words[index]?.toLowerCase() === "not";
    if (negated) index += 1;
    const [field, operator, value] = words.slice(index, index + 3);
    if (field === undefined) throw failure("Invalid filter: incomplete not clause");
    if (operator === undefined) throw failure("Invalid filter: clause has no operator");
    if (value === undefined) throw failure("Invalid filter: clause has no value");
    clauses.push({ joinedBy, negated, field, operator: operator.toLowerCase(), value });
    index += 3;
    const join = words[index]?.toLowerCase();
    if (join === undefined) break;
    if (join !== "and" && join !== "or") throw failure(`Invalid filter: invalid logical operator "${join}"`);
    joinedBy = join;
    index += 1;
    if (index >= words.length) throw failure("Invalid filter: unterminated compound clause");
  }
  return clauses;
}

/** Dots lead into maps, whose keys may hold dots themselves. */
function lookup(object: unknown, field: string): unknown {
  if (typeof object !== "object" || object === null) return undefined;
  const entries = object as Record<string, unknown>;
  if (Object.hasOwn(entries, field)) return entries[field];
  const dot = field.indexOf(".");
  return dot < 0 ? undefined : lookup(entries[field.slice(0, dot)], field.slice(dot + 1));
}

/** Strings match as case-insensitive patterns; other types are never equal on LXD 5.0. */
function equals(actual: unknown, wanted: string): boolean {
  if (typeof actual !== "string") return false;
  try {
    return new RegExp(`^${wanted}$`, "i").test(actual);
  } catch {
    return actual.toLowerCase() === wanted.toLowerCase();
  }
}

function holds(object: unknown, clause: Clause): boolean {
  const actual = lookup(object, clause.field);
  if (actual === undefined) return false;
  const isEqual = equals(actual, clause.value);
  const result = clause.operator === "eq" ? isEqual : clause.operator === "ne" && !isEqual;
  return result !== clause.negated;
}

/** Throws 500 when the filter cannot be read. Empty: everything passes. */
export function compileFilter(text: string | null): (object: unknown) => boolean {
  if (text === null || text.trim() === "") return () => true;
  const clauses = parse(text);
  return (object) => {
    let result = true;
    for (const clause of clauses) {
      const one = holds(object, clause);
      result = clause.joinedBy === "and" ? result && one : result || one;
    }
    return result;
  };
}
