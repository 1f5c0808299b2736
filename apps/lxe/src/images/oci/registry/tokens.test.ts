/** Credentials and token servers, mirrors and redirects between hosts that exist only here: msw plays all of them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { http, HttpResponse } from "msw";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSilentLogger } from "../../../platform/logger.ts";
import { createSeededRandom } from "../../../platform/random.ts";
import { createSystemClock } from "../../../platform/system-clock.ts";
import { createSystemHostFiles } from "../../../platform/system-host-files.ts";
import { temporaryDirectory } from "../../../platform/testing/temporary-directory.ts";
import { AccessDeniedError, RegistryProtocolError } from "../errors.ts";
import { OCI_LIMITS } from "../limits.ts";
import { parseReference } from "../reference.ts";
import { mockedNetwork } from "../testing/mocked-network.ts";
import { testImage } from "../testing/test-image.ts";
import type { RegistryAuth } from "./auth/credentials.ts";
import { openRegistry } from "./session.ts";

const never = new AbortController().signal;
const image = testImage();
const server = mockedNetwork();
const noAuth: RegistryAuth = {
  username: "",
  password: "",
  auth: "",
  serverAddress: "",
  identityToken: "",
  registryToken: "",
};
const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

beforeAll(() => server.enable());
afterEach(() => server.resetHandlers());
afterAll(() => server.disable());

async function pull(auth?: Partial<RegistryAuth>, configDirectory?: string) {
  await using session = await openRegistry(
    {
      clock: createSystemClock(),
      random: createSeededRandom(1),
      files: createSystemHostFiles(),
      log: createSilentLogger(),
      environment: {},
      configDirectory,
      limits: { ...OCI_LIMITS, retryMsMin: 1, retryMsMax: 2 },
    },
    parseReference("reg.example/team/app:1"),
    auth && { ...noAuth, ...auth },
  );
  const { digest } = await session.manifest({ tag: "1", digest: undefined }, never);
  return digest;
}

function manifest(): HttpResponse<ArrayBuffer> {
  const headers = { "content-type": image.mediaType };
  return HttpResponse.arrayBuffer(Uint8Array.from(image.manifest).buffer, { headers });
}

const MANIFEST = "https://reg.example/v2/team/app/manifests/1";
const CHALLENGE = 'Bearer realm="https://auth.example/token",service="reg",scope="repository:team/app:pull"';

/** A registry that wants this in the Authorization header, and else says so. */
function guarded(authorization: string, challenge: string, seen: (string | null)[] = []) {
  return http.get(MANIFEST, ({ request }) => {
    const shown = request.headers.get("authorization");
    seen.push(shown);
    if (shown === authorization) return manifest();
    return new HttpResponse(null, { status: 401, headers: { "www-authenticate": challenge } });
  });
}

interface TokenRequest {
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string | null;
}

/** A token server that writes down what it is asked. */
function tokens(seen: TokenRequest[], answer: () => Response) {
  return http.all("https://auth.example/token", async ({ request }) => {
    const url = new URL(request.url);
    seen.push({
      method: request.method,
      query: Object.fromEntries(url.searchParams),
      form: Object.fromEntries(new URLSearchParams(await request.text())),
      authorization: request.headers.get("authorization"),
    });
    return answer();
  });
}

describe("a registry that wants a token", () => {
  const query = { service: "reg", scope: "repository:team/app:pull" };

  it("gets one for nobody in particular", async () => {
    const seen: TokenRequest[] = [];
    server.use(
      guarded("Bearer t1", CHALLENGE),
      tokens(seen, () => HttpResponse.json({ token: "t1" })),
    );
    expect(await pull()).toBe(image.digest);
    expect(seen).toEqual([{ method: "GET", query, form: {}, authorization: null }]);
  });

  it.each<[string, Partial<RegistryAuth>]>([
    ["a name and a password", { username: "u", password: "p" }],
    ["both in base64", { auth: Buffer.from("u:p").toString("base64") }],
  ])("gets one for %s", async (_, auth) => {
    const seen: TokenRequest[] = [];
    server.use(
      guarded("Bearer t1", CHALLENGE),
      tokens(seen, () => HttpResponse.json({ access_token: "t1" })),
    );
    expect(await pull(auth)).toBe(image.digest);
    expect(seen).toEqual([{ method: "GET", query, form: {}, authorization: basic("u:p") }]);
  });

  it("gets one for an identity token, which only the token server sees", async () => {
    const seen: TokenRequest[] = [];
    server.use(
      guarded("Bearer t1", CHALLENGE),
      tokens(seen, () => HttpResponse.json({ access_token: "t1", token: "" })),
    );
    expect(await pull({ identityToken: "id" })).toBe(image.digest);
    const form = { ...query, grant_type: "refresh_token", client_id: "lxe", refresh_token: "id" };
    expect(seen).toEqual([{ method: "POST", query: {}, form, authorization: null }]);
  });

  it("gets the one that was given, and no other", async () => {
    server.use(guarded("Bearer given", CHALLENGE));
    expect(await pull({ registryToken: "given" })).toBe(image.digest);
    await expect(pull({ registryToken: "wrong" })).rejects.toThrow(AccessDeniedError);
  });

  it("gets none that was meant for another server", async () => {
    const seen: TokenRequest[] = [];
    server.use(
      guarded("Bearer t1", CHALLENGE),
      tokens(seen, () => HttpResponse.json({ token: "t1" })),
    );
    await pull({ username: "u", password: "p", serverAddress: "https://other.example" });
    expect(seen.map(({ authorization }) => authorization)).toEqual([null]);
  });

  it("gets a new one when the first has run out", async () => {
    const seen: TokenRequest[] = [];
    server.use(
      guarded("Bearer t2", CHALLENGE),
      tokens(seen, () => HttpResponse.json({ token: `t${seen.length}` })),
    );
    expect(await pull()).toBe(image.digest);
    expect(seen.length).toBe(2);
  });

  it("is asked no more than a few times", async () => {
    const seen: TokenRequest[] = [];
    server.use(
      guarded("Bearer never", CHALLENGE),
      tokens(seen, () => HttpResponse.json({ token: "t" })),
    );
    await expect(pull()).rejects.toThrow("reg.example denies access to reg.example/team/app");
    expect(seen.length).toBe(2);
  });

  it.each<[string, () => Response, string]>([
    [
      "refuses",
      () => new HttpResponse("no", { status: 401 }),
      "the token server auth.example of reg.example answers 401",
    ],
    ["gives no token", () => HttpResponse.json({}), "gives no token"],
    ["gives no JSON", () => HttpResponse.text("<html>"), "gives no token"],
    ["gives a token that is a header", () => HttpResponse.json({ token: "a\r\nX: y" }), "gives no token"],
    ["gives too much", () => HttpResponse.text("x".repeat(OCI_LIMITS.tokenBytesMax + 1)), "answers with more than"],
    ["is broken", () => new HttpResponse(null, { status: 503 }), "RegistryUnavailable: "],
  ])("is told of no token by a server that %s", async (_, answer, reason) => {
    server.use(guarded("Bearer t1", CHALLENGE), tokens([], answer));
    await expect(pull({ username: "u", password: "hunter2" })).rejects.toThrow(reason);
  });

  it.each(["http://auth.example/token", "file:///etc/passwd", "", "auth.example"])(
    "gets no password to a token server at %j",
    async (realm) => {
      server.use(guarded("Bearer t1", `Bearer realm="${realm}"`));
      await expect(pull({ username: "u", password: "p" })).rejects.toThrow(RegistryProtocolError);
    },
  );
});

describe("a registry that wants a password", () => {
  it("gets it when it asks, and not before", async () => {
    const seen: (string | null)[] = [];
    server.use(guarded(basic("u:p"), 'Basic realm="r"', seen));
    expect(await pull({ username: "u", password: "p" })).toBe(image.digest);
    expect(seen).toEqual([null, basic("u:p")]);
  });

  it("denies access without one", async () => {
    server.use(guarded(basic("u:p"), 'Basic realm="r"'));
    await expect(pull()).rejects.toThrow(AccessDeniedError);
    await expect(pull({ identityToken: "id" })).rejects.toThrow(AccessDeniedError);
  });
});

describe("a redirect from https to http", () => {
  it("is refused", async () => {
    server.use(
      http.get(MANIFEST, () => new HttpResponse(null, { status: 307, headers: { location: "http://cdn.example/x" } })),
    );
    await expect(pull()).rejects.toThrow("reg.example redirects to an address that cannot be used");
  });
});

async function configured(text: string) {
  const directory = await temporaryDirectory();
  await mkdir(join(directory.path, "reg.example"));
  await writeFile(join(directory.path, "reg.example", "hosts.toml"), text);
  return directory;
}

const missing = () => new HttpResponse(null, { status: 404 });

describe("mirrors", () => {
  const hosts = `
[host."https://one.example"]
[host."https://two.example/proxy"]
[host."https://two.example/proxy".header]
X-Team = "blue"`;
  const one = "https://one.example/v2/team/app/manifests/1";
  const two = "https://two.example/proxy/v2/team/app/manifests/1";

  it("are asked in turn, and told for whom they stand", async () => {
    await using directory = await configured(hosts);
    const seen: string[] = [];
    server.use(
      http.get(one, () => new HttpResponse(null, { status: 404 })),
      http.get(two, ({ request }) => {
        seen.push(request.url, request.headers.get("x-team") ?? "");
        return manifest();
      }),
    );
    expect(await pull(undefined, directory.path)).toBe(image.digest);
    expect(seen).toEqual([`${two}?ns=reg.example`, "blue"]);
  });

  it("that fail do not keep the registry itself from being asked", async () => {
    await using directory = await configured(hosts);
    server.use(
      http.get(one, () => new HttpResponse(null, { status: 500 })),
      http.get(two, () => HttpResponse.error()),
      http.get(MANIFEST, () => manifest()),
    );
    expect(await pull(undefined, directory.path)).toBe(image.digest);
  });

  it("that may not say what a tag means are not asked for it", async () => {
    await using directory = await configured('[host."https://one.example"]\ncapabilities = ["pull"]');
    server.use(http.get(MANIFEST, () => manifest()));
    expect(await pull(undefined, directory.path)).toBe(image.digest);
  });

  it("give the registry's own error when all refuse", async () => {
    await using directory = await configured(hosts);
    server.use(
      http.get(one, () => new HttpResponse(null, { status: 403 })),
      http.get(two, missing),
      http.get(MANIFEST, missing),
    );
    await expect(pull(undefined, directory.path)).rejects.toThrow("reg.example/team/app not found at reg.example");
  });
});
