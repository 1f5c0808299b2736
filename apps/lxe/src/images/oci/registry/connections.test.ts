/** How registries are reached: certificates and proxies, on real sockets. */
import { mkdir, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSilentLogger } from "../../../platform/logger.ts";
import { createSeededRandom } from "../../../platform/random.ts";
import { createSystemClock } from "../../../platform/system-clock.ts";
import { createSystemHostFiles } from "../../../platform/system-host-files.ts";
import { temporaryDirectory } from "../../../platform/testing/temporary-directory.ts";
import { OCI_LIMITS } from "../limits.ts";
import { parseReference } from "../reference.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "../testing/certificate.ts";
import { testImage } from "../testing/test-image.ts";
import type { Environment } from "./http/proxies.ts";
import { openRegistry } from "./session.ts";

const never = new AbortController().signal;
const image = testImage();

async function listening(server: Server) {
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise<void>((done) => void server.close(() => done()));
  return { port, [Symbol.asyncDispose]: stop };
}

/** Pulls the manifest of `domain/app:1` with this hosts.toml for all registries. */
async function pull(domain: string, hosts: string, environment: Environment = {}): Promise<string> {
  await using directory = await temporaryDirectory();
  await mkdir(join(directory.path, "_default"));
  for (const [name, text] of Object.entries({ "hosts.toml": hosts, "ca.pem": TEST_CERTIFICATE, "key.pem": TEST_KEY })) {
    await writeFile(join(directory.path, "_default", name), text);
  }
  await using session = await openRegistry(
    {
      clock: createSystemClock(),
      random: createSeededRandom(1),
      files: createSystemHostFiles(),
      log: createSilentLogger(),
      environment,
      configDirectory: directory.path,
      limits: { ...OCI_LIMITS, retryMsMin: 1, retryMsMax: 2 },
    },
    parseReference(`${domain}/app:1`),
    undefined,
  );
  return (await session.manifest({ tag: "1", digest: undefined }, never)).digest;
}

const onlyManifest = (_: unknown, response: { end(body: Buffer): unknown }) => void response.end(image.manifest);

describe("a registry with a certificate of its own", () => {
  it("is trusted where hosts.toml names the authority, or wants no check, and not elsewhere", async () => {
    const server = createHttpsServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, onlyManifest);
    await using registry = await listening(server);
    const address = `server = "https://127.0.0.1:${registry.port}"`;
    expect(await pull("reg.example", `${address}\nca = "ca.pem"`)).toBe(image.digest);
    expect(await pull("reg.example", `${address}\nskip_verify = true`)).toBe(image.digest);
    await expect(pull("reg.example", address)).rejects.toThrow(/^RegistryUnavailable: .*certificate/u);
    await expect(pull("reg.example", `${address}\nca = "none.pem"`)).rejects.toThrow(
      "none.pem, which a hosts.toml names",
    );
  });

  it("may want to know its client", async () => {
    const options = {
      cert: TEST_CERTIFICATE,
      key: TEST_KEY,
      ca: TEST_CERTIFICATE,
      requestCert: true,
      rejectUnauthorized: true,
    };
    await using registry = await listening(createHttpsServer(options, onlyManifest));
    const address = `server = "https://127.0.0.1:${registry.port}"\nca = "ca.pem"`;
    expect(await pull("reg.example", `${address}\nclient = [["ca.pem", "key.pem"]]`)).toBe(image.digest);
    await expect(pull("reg.example", address)).rejects.toThrow("RegistryUnavailable: ");
  });
});

describe("a proxy from the environment", () => {
  it("is asked in the registry's place", async () => {
    const seen: (string | undefined)[] = [];
    const server = createHttpServer(({ url }, response) => {
      seen.push(url);
      response.end(image.manifest);
    });
    await using proxy = await listening(server);
    const environment = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await pull("reg.example", 'server = "http://reg.example"', environment)).toBe(image.digest);
    expect(seen).toEqual(["http://reg.example/v2/app/manifests/1"]);
  });

  it("is asked for a tunnel to a registry that speaks TLS", async () => {
    const seen: (string | undefined)[] = [];
    const server = createHttpServer();
    server.on("connect", ({ url }, socket) => {
      seen.push(url);
      socket.end("HTTP/1.1 502 No\r\n\r\n");
    });
    await using proxy = await listening(server);
    const environment = { https_proxy: `http://127.0.0.1:${proxy.port}` };
    await expect(pull("reg.example", "", environment)).rejects.toThrow("RegistryUnavailable: ");
    expect(new Set(seen)).toEqual(new Set(["reg.example:443"]));
  });
});
