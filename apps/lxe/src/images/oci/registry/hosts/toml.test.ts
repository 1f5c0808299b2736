import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseToml, type TomlValue } from "./toml.ts";

function plain(value: TomlValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
  return Array.isArray(value) ? value.map((inner: TomlValue) => plain(inner)) : value;
}

function problemOf(text: string): string {
  try {
    parseToml(text);
    return "";
  } catch (error) {
    return String(error);
  }
}

const parsed = (text: string): unknown => plain(parseToml(text));

describe("a hosts.toml", () => {
  it("is read with its tables in their order", () => {
    const text = `
server = "https://registry-1.docker.io"   # the default
[host."https://mirror.example:5000"]
  capabilities = ["pull", "resolve"]
  ca = [
    "/etc/a.crt", # one
    '/etc/b.crt',
  ]
  client = [["/a.cert", "/a.key"], ["/b.pem", ""]]
  skip_verify = true
  [host."https://mirror.example:5000".header]
    x-custom = ["one", "two"]
    Authorization = "Basic QQ=="

[host.'http://[::1]:5000']
override_path = false
dial_timeout = "1s"
`;
    const result = parsed(text);
    expect(result).toEqual({
      server: "https://registry-1.docker.io",
      host: {
        "https://mirror.example:5000": {
          capabilities: ["pull", "resolve"],
          ca: ["/etc/a.crt", "/etc/b.crt"],
          client: [
            ["/a.cert", "/a.key"],
            ["/b.pem", ""],
          ],
          skip_verify: true,
          header: { "x-custom": ["one", "two"], Authorization: "Basic QQ==" },
        },
        "http://[::1]:5000": { override_path: false, dial_timeout: "1s" },
      },
    });
    const host = parseToml(text).get("host");
    expect(host instanceof Map && [...host.keys()]).toEqual(["https://mirror.example:5000", "http://[::1]:5000"]);
  });
});

describe("values", () => {
  it.each([
    ['a = "\\u00e9\\t\\"\\\\\\U0001F600#"', { a: 'é\t"\\😀#' }],
    ["a = 'no \\escape'", { a: "no \\escape" }],
    ["a = 1_000\nb = -5\nc = 0", { a: 1000, b: -5, c: 0 }],
    ["a.b.'c d' = true", { a: { b: { "c d": true } } }],
    ['a = {b = 1, "c" = {}}', { a: { b: 1, c: {} } }],
    ["a = []\r\nb = [ [ ] ]", { a: [], b: [[]] }],
    ["[a.b]\nc = 1\n[a]\nd = 2", { a: { b: { c: 1 }, d: 2 } }],
    ["", {}],
    ["# nothing", {}],
  ])("%j", (text, value) => {
    expect(parsed(text)).toEqual(value);
  });
});

describe("what is no TOML, or more than hosts.toml needs", () => {
  it.each([
    ["a", "line 1: = is expected"],
    ["\n\n= 1", "line 3: a key is expected"],
    ["a = ", "a value is expected"],
    ["a = 1 b = 2", "the line should end"],
    ["a = 1\na = 2", "line 2: a was there before"],
    ["[a]\n[a]", "line 2: the table was there before"],
    ["a = 1\n[a.b]", "a is no table"],
    ['a = "x', "a string has no end"],
    ["a = 'x", "a string has no end"],
    ['a = "\\x"', "unknown escape"],
    ['a = "\\u12"', "unknown escape"],
    ["a = [1 2]", "] is expected"],
    ["a = [1,", "a value is expected"],
    ["a = {b = 1", "} is expected"],
    ["[[a]]", "arrays of tables"],
    ['a = """x"""', "several lines"],
    ["a = 1.5", "a value is expected"],
    ["a = 2024-01-01", "a value is expected"],
    ["a = truely", "a value is expected"],
  ])("%j is refused: %s", (text, reason) => {
    expect(() => parseToml(text)).toThrow(reason);
  });
});

describe("any strings", () => {
  it("come back from JSON's spelling of them, which is TOML's, too", () => {
    const text = fc.string({ unit: "binary" }).filter((value) => !/[\u007f\ud800-\udfff]/u.test(value));
    fc.assert(
      fc.property(fc.array(text), text, (values, key) => {
        const spelled = JSON.stringify(values);
        expect(parsed(`${JSON.stringify(key)} = ${spelled}`)).toEqual({ [key]: values });
      }),
    );
  });

  it("never lead to an endless loop or another error than one with a line", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a[\]{}=,."'#\n 1t-]{0,30}$/u), (text) => {
        expect(problemOf(text)).toMatch(/^(?:|Error: line \d+: .*)$/u);
      }),
    );
  });
});
