/** Arbitrary CRI messages, made from the table: any field of any message may be missing, numbers reach their type's ends. */

import type { Arbitrary } from "fast-check";
import * as fc from "fast-check";
import type { Table, TableField } from "./wire-table.fixture.ts";

export type Plain = Record<string, unknown>;

export function messageArbitraries(table: Table): Map<string, Arbitrary<Plain>> {
  const made = new Map<string, Arbitrary<Plain>>();
  const messageOf = (name: string): Arbitrary<Plain> => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const fields = (table.messages.get(name) ?? []).map((field) => [field.jsonName, fieldOf(field)] as const);
    const message = fc.record(Object.fromEntries(fields), { requiredKeys: [] }) as Arbitrary<Plain>;
    made.set(name, message);
    return message;
  };
  const singleOf = ({ kind, type }: TableField): Arbitrary<unknown> => {
    if (kind === "message") return messageOf(type);
    if (kind === "enum") return fc.constantFrom(...(table.enums.get(type) ?? []).map((value) => value.number));
    return scalarOf(type);
  };
  const fieldOf = (field: TableField): Arbitrary<unknown> => {
    if (field.kind === "map") return fc.dictionary(mapKey, text, { maxKeys: 3, noNullPrototype: true });
    return field.label === "repeated" ? fc.array(singleOf(field), { maxLength: 3 }) : singleOf(field);
  };
  for (const name of table.messages.keys()) messageOf(name);
  return made;
}

const text = fc.string({ unit: "binary", maxLength: 12 });

/** Generated code holds maps as objects, where this one key is lost. No label or annotation of Kubernetes can be named so. */
const mapKey = text.filter((key) => key !== "__proto__");

function scalarOf(type: string): Arbitrary<unknown> {
  switch (type) {
    case "string":
      return text;
    case "bytes":
      return fc.uint8Array({ maxLength: 12 });
    case "bool":
      return fc.boolean();
    case "int32":
      return fc.integer();
    case "uint32":
      return fc.nat(2 ** 32 - 1);
    case "int64":
      return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    case "uint64":
      return fc.bigInt(0n, 2n ** 64n - 1n);
    case "double":
      // No NaN, which equals nothing, and no negative zero, which is the default value to one encoder and not to the other.
      return fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value));
    default:
      throw new Error(`no arbitrary for ${type}`);
  }
}
