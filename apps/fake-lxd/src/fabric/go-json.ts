/**
 * Request bodies as Go's JSON decoder reads them: missing fields are zero values, unknown ones are ignored, names match
 * in any case, and a value of a wrong type is refused with Go's words.
 */
import { badRequest, LxdFailure } from "../kernel/errors.ts";

interface Where {
  /** The Go type of the object, e.g. `InstancesPost`. */
  struct: string;
  field: string;
}

export interface Shape<T> {
  decode(value: unknown, where: Where): T;
  zero(): T;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}

function mismatch(value: unknown, where: Where, goType: string): Error {
  const field = where.field === "" ? where.struct : `${where.struct}.${where.field}`;
  return badRequest(`json: cannot unmarshal ${kindOf(value)} into Go struct field ${field} of type ${goType}`);
}

function scalar<T>(goType: string, zero: T, is: (value: unknown) => value is T): Shape<T> {
  return {
    zero: () => zero,
    decode(value, where) {
      if (value === null) return zero;
      if (!is(value)) throw mismatch(value, where, goType);
      return value;
    },
  };
}

export const text = scalar("string", "", (value) => typeof value === "string");
export const flag = scalar("bool", false, (value) => typeof value === "boolean");
export const integer = scalar("int", 0, (value) => typeof value === "number");

export function list<T>(item: Shape<T>): Shape<T[]> {
  return {
    zero: () => [],
    decode(value, where) {
      if (value === null) return [];
      if (!Array.isArray(value)) throw mismatch(value, where, "[]string");
      return value.map((one) => item.decode(one, where));
    },
  };
}

export function map<T>(item: Shape<T>): Shape<Record<string, T>> {
  return {
    zero: () => ({}),
    decode(value, where) {
      if (value === null) return {};
      if (typeof value !== "object" || Array.isArray(value)) throw mismatch(value, where, "map[string]string");
      // in place, as nobody else has it: configurations are large, and what is decoded is mostly what was there
      const given = value as Record<string, T>;
      for (const key of Object.keys(given)) {
        const decoded = item.decode(given[key], where);
        if (decoded !== given[key]) given[key] = decoded;
      }
      return given;
    },
  };
}

export const config = map(text);
export const devices = map(config);

/** Undefined when the field is missing or null. */
export function maybe<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    zero: () => undefined,
    decode: (value, where) => (value === null ? undefined : shape.decode(value, where)),
  };
}

type Fields = Record<string, Shape<unknown>>;
export type Decoded<F extends Fields> = { [K in keyof F]: F[K] extends Shape<infer T> ? T : never };

export function object<F extends Fields>(struct: string, fields: F): Shape<Decoded<F>> {
  const names = Object.keys(fields);
  const zero = () =>
    Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, shape.zero()])) as Decoded<F>;
  return {
    zero,
    decode(value, where) {
      if (value === null) return zero();
      if (typeof value !== "object" || Array.isArray(value)) {
        if (where.field !== "") throw mismatch(value, where, `api.${struct}`);
        throw badRequest(`json: cannot unmarshal ${kindOf(value)} into Go value of type api.${struct}`);
      }
      const given = value as Record<string, unknown>;
      const inOtherCase = Object.keys(given).filter((key) => key !== key.toLowerCase());
      const find = (name: string): unknown => {
        if (Object.hasOwn(given, name)) return given[name];
        const other = inOtherCase.find((key) => key.toLowerCase() === name);
        return other === undefined ? undefined : given[other];
      };
      const decoded: Record<string, unknown> = {};
      for (const name of names) {
        const one = find(name);
        const shape = fields[name];
        decoded[name] = one === undefined ? shape?.zero() : shape?.decode(one, { struct, field: name });
      }
      return decoded as Decoded<F>;
    },
  };
}

/** Go's text for a syntax error. */
function syntaxError(error: unknown, body: string): LxdFailure {
  const message = error instanceof Error ? error.message : "";
  if (/end of JSON input|Unterminated/.test(message)) return badRequest("unexpected EOF");
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? Number.NaN);
  const character = Number.isNaN(position) ? (/token '(.)'/.exec(message)?.[1] ?? body.trimStart()[0]) : body[position];
  if (character === undefined) return badRequest("unexpected EOF");
  return badRequest(`invalid character '${character}' looking for beginning of value`);
}

/** A body that LXD reads as a whole before it decodes it. */
export function decodeWhole<T>(body: string, shape: Shape<T>): T {
  try {
    return decodeBody(body, shape);
  } catch (error) {
    const isShort = error instanceof LxdFailure && /^(?:EOF|unexpected EOF)$/.test(error.message);
    throw isShort ? badRequest("unexpected end of JSON input") : error;
  }
}

/** Where LXD first decodes into a map, what is no object is refused in that map's name. */
export function decodeAsMap<T>(body: string, shape: Shape<T>): T {
  return decodeBody(body, {
    zero: () => shape.zero(),
    decode(value, where) {
      if (value !== null && (typeof value !== "object" || Array.isArray(value)))
        throw badRequest(`json: cannot unmarshal ${kindOf(value)} into Go value of type shared.Jmap`);
      return shape.decode(value, where);
    },
  });
}

export function decodeBody<T>(body: string, shape: Shape<T>): T {
  if (body.trim() === "") throw badRequest("EOF");
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw syntaxError(error, body);
  }
  return shape.decode(value, { struct: "", field: "" });
}
