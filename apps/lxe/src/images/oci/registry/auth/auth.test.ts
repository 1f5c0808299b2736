import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChallenges } from "./challenge.ts";
import { credentialsFor, type RegistryAuth } from "./credentials.ts";

const empty: RegistryAuth = {
  username: "",
  password: "",
  auth: "",
  serverAddress: "",
  identityToken: "",
  registryToken: "",
};
const encoded = Buffer.from("user:pa:ss").toString("base64");

describe("credentials", () => {
  it.each<[string, Partial<RegistryAuth> | undefined, object]>([
    ["none at all", undefined, { kind: "none" }],
    ["empty fields", {}, { kind: "none" }],
    ["a name and a password", { username: "u", password: "p" }, { kind: "password", username: "u", password: "p" }],
    ["both in base64", { auth: encoded }, { kind: "password", username: "user", password: "pa:ss" }],
    ["an identity token", { identityToken: "i", username: "u" }, { kind: "identity", token: "i" }],
    ["a token", { registryToken: "t", identityToken: "i" }, { kind: "bearer", token: "t" }],
  ])("as %s", (_, auth, expected) => {
    expect(credentialsFor(auth && { ...empty, ...auth }, "reg.example")).toEqual(expected);
  });

  it.each([
    ["reg.example", "reg.example", true],
    ["https://reg.example/v2/", "reg.example", true],
    ["https://reg.example:443", "reg.example", true],
    ["REG.example:5000", "reg.example:5000", true],
    ["https://index.docker.io/v1/", "registry-1.docker.io", true],
    ["docker.io", "registry-1.docker.io", true],
    ["reg.example", "reg.example:5000", false],
    ["other.example", "reg.example", false],
    ["reg.example.evil", "reg.example", false],
    ["https://[", "reg.example", false],
  ])("for %s are shown to %s: %s", (serverAddress, host, shown) => {
    const { kind } = credentialsFor({ ...empty, registryToken: "t", serverAddress }, host);
    expect(kind === "bearer").toBe(shown);
  });

  it("that cannot be decoded are refused without being repeated", () => {
    const auth = Buffer.from("secret").toString("base64");
    expect(() => credentialsFor({ ...empty, auth }, "a")).toThrow(/^auth\.auth is not/u);
  });
});

describe("challenges", () => {
  it.each<[string, object[]]>([
    [
      'Bearer realm="https://auth.example/token",service="reg.example",scope="repository:a/b:pull,push"',
      [
        {
          scheme: "bearer",
          parameters: {
            realm: "https://auth.example/token",
            service: "reg.example",
            scope: "repository:a/b:pull,push",
          },
        },
      ],
    ],
    ["Basic realm=plain", [{ scheme: "basic", parameters: { realm: "plain" } }]],
    [
      'Negotiate, BASIC realm="a \\"b\\"", Bearer Realm = "c"',
      [
        { scheme: "negotiate", parameters: {} },
        { scheme: "basic", parameters: { realm: 'a "b"' } },
        { scheme: "bearer", parameters: { realm: "c" } },
      ],
    ],
    ["", []],
    ["=?", []],
  ])("%s", (value, expected) => {
    expect(parseChallenges([value])).toEqual(expected);
  });

  it("come to an end, whatever the text", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-b =",\\]{0,20}$/u)), (values) => {
        expect(parseChallenges(values)).toBeInstanceOf(Array);
      }),
    );
  });
});
