import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DescEnum, DescField, DescMessage, DescMethod, FileRegistry } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { buf, compileProto, packageDirectory } from "./descriptor.fixture.ts";
import { methods } from "./methods.ts";
import { readTable, type TableField, type TableRpc } from "./wire-table.fixture.ts";

const table = readTable();
const registry = compileProto();
const prefix = `${table.meta.get("package")}.`;

describe("the compiled proto", () => {
  it("has the table's messages, and each the table's fields", () => {
    const compiled = descriptorsOf(registry, "message").map((message) => [shortName(message), fieldsOf(message)]);
    expect(Object.fromEntries(compiled)).toEqual(Object.fromEntries(table.messages));
  });

  it("has the table's enums, and each the table's values", () => {
    const compiled = descriptorsOf(registry, "enum").map((type) => [shortName(type), valuesOf(type)]);
    expect(Object.fromEntries(compiled)).toEqual(Object.fromEntries(table.enums));
  });

  it("has the table's RPCs with their messages and streaming", () => {
    const services = descriptorsOf(registry, "service");
    const compiled = services.flatMap((service) => service.methods).map((rpc) => [pathOf(rpc), rpcOf(rpc)]);
    expect(Object.fromEntries(compiled)).toEqual(Object.fromEntries(table.rpcs));
    expect(services).toHaveLength(Number(table.meta.get("services")));
  });

  it("has as many of each as the table says", () => {
    const fields = [...table.messages.values()].flat();
    const values = [...table.enums.values()].flat();
    const counts = { messages: table.messages.size, fields: fields.length, enums: table.enums.size };
    expect({ ...counts, "enum values": values.length, rpcs: table.rpcs.size }).toEqual({
      messages: Number(table.meta.get("messages")),
      fields: Number(table.meta.get("fields")),
      enums: Number(table.meta.get("enums")),
      "enum values": Number(table.meta.get("enum values")),
      rpcs: Number(table.meta.get("rpcs")),
    });
  });
});

describe("the generated code", () => {
  it("is what the proto generates now", () => {
    const directory = mkdtempSync(join(tmpdir(), "lxe-cri-gen-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    buf("generate", "-o", directory);
    const fresh = readFileSync(join(directory, "src/gen/api.ts"), "utf8");
    expect(fresh === readFileSync(join(packageDirectory, "src/gen/api.ts"), "utf8")).toBe(true);
  });

  it("has a method for each of the table's RPCs", () => {
    const generated = methods.map((method) => [method.path, method.responseStream]);
    const expected = [...table.rpcs].map(([path, rpc]) => [path, rpc.serverStreaming]);
    expect(Object.fromEntries(generated)).toEqual(Object.fromEntries(expected));
    expect(new Set(methods.map((method) => method.key)).size).toBe(table.rpcs.size);
  });
});

type Kinds = ReturnType<FileRegistry["get"]>;

function descriptorsOf<K extends NonNullable<Kinds>["kind"]>(files: FileRegistry, kind: K) {
  return [...files].filter((type): type is Extract<typeof type, { kind: K }> => type.kind === kind);
}

function shortName(type: DescMessage | DescEnum): string {
  return type.typeName.slice(prefix.length);
}

function pathOf(rpc: DescMethod): string {
  return `/${rpc.parent.typeName}/${rpc.name}`;
}

function rpcOf(rpc: DescMethod): TableRpc {
  return {
    request: shortName(rpc.input),
    response: shortName(rpc.output),
    clientStreaming: rpc.proto.clientStreaming,
    serverStreaming: rpc.proto.serverStreaming,
  };
}

function valuesOf(type: DescEnum): { name: string; number: number }[] {
  return type.values.map(({ name, number }) => ({ name, number }));
}

function fieldsOf(message: DescMessage): TableField[] {
  return message.fields.map((field) => ({
    name: field.name,
    number: field.number,
    ...typeOf(field),
    oneof: field.oneof?.name,
    deprecated: field.deprecated,
    debugRedact: field.proto.options?.debugRedact ?? false,
    jsonName: field.jsonName,
  }));
}

function typeOf(field: DescField): Pick<TableField, "type" | "label" | "kind"> {
  switch (field.fieldKind) {
    case "map":
      return { type: mapType(field), label: "map", kind: "map" };
    case "list":
      return { ...elementType(field, field.listKind), label: "repeated" };
    default:
      return { ...elementType(field, field.fieldKind), label: field.proto.proto3Optional ? "optional" : "singular" };
  }
}

function elementType(field: DescField, kind: "scalar" | "enum" | "message"): Pick<TableField, "type" | "kind"> {
  if (kind === "scalar") return { type: scalarName(field.scalar), kind };
  const type = field.message ?? field.enum;
  return { type: type === undefined ? "" : shortName(type), kind };
}

function mapType(field: DescField & { fieldKind: "map" }): string {
  return `map<${scalarName(field.mapKey)}, ${scalarName(field.scalar)}>`;
}

function scalarName(type: ScalarType | undefined): string {
  return type === undefined ? "" : ScalarType[type].toLowerCase();
}
