/** HTTPS with a client certificate, and pulls from another LXD, both against the same real LXD: it listens on loopback meanwhile. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLxdClient } from "./client.ts";
import { busyboxImage, execSuite, eventsSuite, type SuiteTarget } from "./suite/index.ts";
import { uniqueName } from "./suite/target.ts";

const local = () => createLxdClient({ socketPath: process.env["LXE_TEST_LXD_SOCKET"] ?? "" });
const alias = uniqueName("busybox");
const remote = { url: "", certificate: "", key: "", serverCertificate: "" };
const target: SuiteTarget = { client: () => createLxdClient(remote), image: () => alias };
let fingerprint = "";

beforeAll(async () => {
  await using setup = local();
  const file = await busyboxImage(process.env["LXE_TEST_BUSYBOX"] ?? "/bin/busybox", alias);
  ({ fingerprint } = await setup.images.upload({ file, public: true }));
  await setup.images.aliases.create({ name: alias, target: fingerprint });
  const address = `127.0.0.1:${await freePort()}`;
  await setup.request({ method: "PATCH", path: "/1.0", body: { config: { "core.https_address": address } } });
  const own = await selfSigned();
  await setup.request({ method: "POST", path: "/1.0/certificates", body: certificateBody(own.certificate) });
  const { environment } = await setup.server.get();
  Object.assign(remote, own, { url: `https://${address}`, serverCertificate: environment?.certificate });
});

afterAll(async () => {
  await using teardown = local();
  await teardown.request({ method: "PATCH", path: "/1.0", body: { config: { "core.https_address": "" } } });
  await teardown.images.delete(fingerprint);
});

test("a trusted client certificate is let in, the server is known by its very certificate", async () => {
  await using client = target.client();
  expect(await client.server.get()).toMatchObject({ auth: "trusted" });
  await using stranger = createLxdClient({ ...remote, serverCertificate: remote.certificate });
  await expect(stranger.server.get()).rejects.toMatchObject({ name: "LxdError" });
});

test("an unknown client certificate is 'forbidden'", async () => {
  await using client = createLxdClient({ ...remote, ...(await selfSigned()) });
  await expect(client.instances.list()).rejects.toMatchObject({ code: "forbidden" });
});

test("LXD pulls an image from another LXD, also one that it has", async () => {
  await using client = target.client();
  const project = uniqueName("project");
  await client.projects.create({ name: project, config: { "features.images": "true" } });
  await using inside = createLxdClient(remote, { project });
  const source = { server: remote.url, protocol: "lxd", alias, certificate: remote.serverCertificate } as const;
  expect((await inside.images.copy({ source, aliases: [{ name: "mine" }] })).fingerprint).toBe(fingerprint);
  expect((await inside.images.aliases.get("mine")).value.target).toBe(fingerprint);
  expect((await inside.images.copy({ source })).fingerprint).toBe(fingerprint);
  const missing = inside.images.copy({ source: { ...source, alias: "no-such-alias" } });
  await expect(missing).rejects.toMatchObject({ name: "LxdError" });
  await inside.images.delete(fingerprint);
  await client.projects.delete(project);
});

execSuite(target);
eventsSuite(target);

async function selfSigned(): Promise<{ certificate: string; key: string }> {
  const directory = await mkdtemp(join(tmpdir(), "lxd-client-"));
  const [key, certificate] = [join(directory, "key"), join(directory, "crt")];
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-nodes", "-keyout", key];
  await promisify(execFile)("openssl", [
    "req",
    "-x509",
    ...newKey,
    "-out",
    certificate,
    "-subj",
    "/CN=lxd-client-test",
    "-days",
    "2",
  ]);
  const pair = { certificate: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") };
  await rm(directory, { recursive: true });
  return pair;
}

function certificateBody(pem: string) {
  return { type: "client", name: alias, certificate: pem.replace(/-----[^-]+-----|\s/g, "") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
