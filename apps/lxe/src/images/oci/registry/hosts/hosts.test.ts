import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSystemHostFiles } from "../../../../platform/system-host-files.ts";
import { temporaryDirectory } from "../../../../platform/testing/temporary-directory.ts";
import { RegistryConfigError } from "../../errors.ts";
import { defaultEndpoint } from "./endpoint.ts";
import { endpointsFor } from "./hosts-directory.ts";
import { parseHostsFile } from "./hosts-file.ts";

const basesOf = (text: string, domain = "reg.example"): string[] =>
  parseHostsFile(text, domain, "/certs").map(({ base }) => base.href);

describe("without a configuration", () => {
  it.each([
    ["docker.io", "https://registry-1.docker.io/v2"],
    ["reg.example:8443", "https://reg.example:8443/v2"],
    ["localhost:5000", "http://localhost:5000/v2"],
    ["127.0.0.1:5000", "http://127.0.0.1:5000/v2"],
    ["[::1]:5000", "http://[::1]:5000/v2"],
    ["localhost:443", "https://localhost/v2"],
  ])("%s is asked at %s", async (domain, base) => {
    expect(defaultEndpoint(domain).base.href).toBe(base);
    expect(await endpointsFor(domain, undefined, createSystemHostFiles())).toEqual([defaultEndpoint(domain)]);
  });
});

describe("a file", () => {
  it("gives the mirrors in its order, then the registry", () => {
    const text = '[host."https://b.example"]\n[host."http://a.example/proxy/"]\n[host."c.example:1/v2"]';
    expect(basesOf(text)).toEqual([
      "https://b.example/v2",
      "http://a.example/proxy/v2",
      "https://c.example:1/v2",
      "https://reg.example/v2",
    ]);
    expect(basesOf('server = "http://other.example/x"')).toEqual(["http://other.example/x/v2"]);
    expect(basesOf('[host."https://a.example/whole/path"]\noverride_path = true')[0]).toBe(
      "https://a.example/whole/path",
    );
    expect(basesOf("", "docker.io")).toEqual(["https://registry-1.docker.io/v2"]);
  });

  it("says how to talk to each", () => {
    const text = `
skip_verify = true
[host."https://m.example"]
capabilities = ["pull"]
ca = "m.crt"
client = [["m.cert", "/m.key"], ["both.pem", ""]]
[host."https://m.example".header]
X-Team = "a"`;
    expect(parseHostsFile(text, "reg.example", "/certs/reg")).toMatchObject([
      {
        isMirror: true,
        canPull: true,
        canResolve: false,
        skipVerify: false,
        authorities: ["/certs/reg/m.crt"],
        clients: [
          { certificate: "/certs/reg/m.cert", key: "/m.key" },
          { certificate: "/certs/reg/both.pem", key: "" },
        ],
        headers: { "X-Team": ["a"] },
      },
      { isMirror: false, canPull: true, canResolve: true, skipVerify: true },
    ]);
  });

  it.each([
    ['[host."ftp://a"]', "no address"],
    ["server = 5", "server"],
    ['[host."https://a"]\ncapabilities = ["fly"]', "capabilities"],
    ["server = ", "line 1"],
  ])("with %j is refused: %s", (text, reason) => {
    expect(() => parseHostsFile(text, "reg.example", "/")).toThrow(reason);
  });
});

async function withFiles(files: Readonly<Record<string, string>>) {
  const directory = await temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory.path, name), { recursive: true });
    await writeFile(join(directory.path, name, "hosts.toml"), text);
  }
  const firstFor = async (domain: string) =>
    (await endpointsFor(domain, directory.path, createSystemHostFiles()))[0]?.base.host;
  return { firstFor, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

describe("a directory", () => {
  it("has a file by name, with or without a colon for the port, or one for all others", async () => {
    await using hosts = await withFiles({
      "a.example_5000_": '[host."https://one"]',
      "a.example:5000": '[host."https://not-this"]',
      "b.example:5000": '[host."https://two"]',
      _default: '[host."https://three"]',
    });
    const found = await Promise.all(
      ["a.example:5000", "b.example:5000", "c.example"].map((name) => hosts.firstFor(name)),
    );
    expect(found).toEqual(["one", "two", "three"]);
  });

  it("may say nothing about a registry, and its errors name the file", async () => {
    await using hosts = await withFiles({ "bad.example": "x" });
    expect(await hosts.firstFor("c.example")).toBe("c.example");
    await expect(hosts.firstFor("bad.example")).rejects.toThrow(RegistryConfigError);
    await expect(hosts.firstFor("bad.example")).rejects.toThrow(/bad\.example\/hosts\.toml cannot be used: line 1/u);
  });

  it("without the file may hold certificates", async () => {
    await using directory = await temporaryDirectory();
    const own = join(directory.path, "a.example:5000");
    await mkdir(own);
    for (const name of ["b.crt", "a.crt", "client.cert", "client.key", "notes"]) await writeFile(join(own, name), "");
    const [endpoint, ...others] = await endpointsFor("a.example:5000", directory.path, createSystemHostFiles());
    expect(others).toEqual([]);
    expect(endpoint).toMatchObject({
      base: new URL("https://a.example:5000/v2"),
      authorities: [join(own, "a.crt"), join(own, "b.crt")],
      clients: [{ certificate: join(own, "client.cert"), key: join(own, "client.key") }],
      skipVerify: false,
    });
  });
});
