/** The table of CRI's messages, as tests read it: `testdata/messages.tsv`. */

import { readFileSync } from "node:fs";

export interface TableField {
  name: string;
  number: number;
  /** `string`, `Mount`, `SecurityProfile.ProfileType`, `map<string, string>`. */
  type: string;
  label: "singular" | "optional" | "repeated" | "map";
  oneof: string | undefined;
  kind: "scalar" | "enum" | "message" | "map";
  deprecated: boolean;
  debugRedact: boolean;
  jsonName: string;
}

export interface TableRpc {
  request: string;
  response: string;
  clientStreaming: boolean;
  serverStreaming: boolean;
}

export interface Table {
  meta: Map<string, string>;
  messages: Map<string, TableField[]>;
  enums: Map<string, { name: string; number: number }[]>;
  /** By path. */
  rpcs: Map<string, TableRpc>;
}

export function readTable(): Table {
  const text = readFileSync(new URL("../testdata/messages.tsv", import.meta.url), "utf8");
  const rows = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));
  const table: Table = { meta: new Map(), messages: new Map(), enums: new Map(), rpcs: new Map() };
  for (const [kind, ...cells] of rows) addRow(table, kind ?? "", cells);
  return table;
}

function addRow(table: Table, kind: string, cells: string[]): void {
  const [owner = "", name = ""] = cells;
  if (kind === "meta") table.meta.set(owner, name);
  if (kind === "enum") listOf(table.enums, owner).push({ name, number: Number(cells[2]) });
  if (kind === "field") {
    const fields = listOf(table.messages, owner);
    if (name !== "-") fields.push(fieldOf(cells));
  }
  if (kind === "rpc") {
    const [, , request = "", response = "", clientStreaming, serverStreaming, path = ""] = cells;
    const rpc = {
      request,
      response,
      clientStreaming: clientStreaming === "yes",
      serverStreaming: serverStreaming === "yes",
    };
    table.rpcs.set(path, rpc);
  }
}

function fieldOf(cells: string[]): TableField {
  const [, name = "", number, type = "", label, oneof, kind, deprecated, debugRedact, jsonName = ""] = cells;
  return {
    name,
    number: Number(number),
    type,
    label: label as TableField["label"],
    oneof: oneof === "-" ? undefined : oneof,
    kind: kind as TableField["kind"],
    deprecated: deprecated === "yes",
    debugRedact: debugRedact === "yes",
    jsonName,
  };
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}
