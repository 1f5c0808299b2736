/**
 * Images of all kinds in one pod on a real LXD, side by side: two servers and a shell from a real registry, one static binary and
 * nothing else, and a system image that boots its own init. Needs what critest needs.
 */
import { ContainerState } from "@lxe/cri";
import { mkdtemp, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArmInstance } from "./arms/arm.ts";
import { hostArm } from "./arms/host.ts";
import { standInForPublicRegistries, startCritestRegistry } from "./critest/registry.ts";
import { critestImages, noCritestReason } from "./critest/tools.ts";
import { eventually } from "./support/eventually.ts";
import { runPod } from "./support/pod.ts";
import { uploadBusybox } from "./support/upload-image.ts";

const REGISTRY = "registry.k8s.io";
const START_TIMEOUT_MS = 600_000;
const SYSTEM_ALIAS = "conformance/system";
/** Servers of one pod cannot have one port: what is not on 80 is put elsewhere. */
const NGINX =
  "sed 's/listen 80/listen 8080/' /etc/nginx/nginx.conf > /tmp/nginx.conf; exec nginx -c /tmp/nginx.conf -g 'daemon off;'";
const INITTAB = [
  "::sysinit:/bin/sh -c 'mkdir -p /www; echo from the system > /www/index.html'",
  "::respawn:/bin/httpd -f -p 8081 -h /www",
  "",
].join("\n");

const reason = noCritestReason();

describe.skipIf(reason !== undefined)(`one pod on a real LXD${reason === undefined ? "" : ` (${reason})`}`, () => {
  const stack = new AsyncDisposableStack();
  let arm: ArmInstance;

  beforeAll(async () => {
    const directory = await mkdtemp("/tmp/lxsbs-");
    stack.defer(() => rm(directory, { recursive: true }));
    arm = stack.use(await hostArm.start());
    const registry = stack.use(await startCritestRegistry(await critestImages(() => undefined), directory));
    await standInForPublicRegistries(arm.registryConfigDir, registry.address);
  }, START_TIMEOUT_MS);
  afterAll(() => stack.disposeAsync(), START_TIMEOUT_MS);

  const pull = async (name: string): Promise<string> =>
    (await arm.cri.pullImage({ image: { image: `${REGISTRY}/${name}` } })).imageRef;

  test("runs nginx, httpd, busybox, a static image and a system image side by side", {
    timeout: START_TIMEOUT_MS,
  }, async () => {
    await using pod = await runPod(arm);
    await using system = await systemImage(arm);
    const run = async (name: string, image: string, command: readonly string[] = []) =>
      pod.start({ name, config: { image: { image }, command: [...command], logPath: `${name}.log` } });
    const nginx = await run("nginx", await pull("e2e-test-images/nginx:1.14-2"), ["sh", "-c", NGINX]);
    const httpd = await run("httpd", await pull("e2e-test-images/httpd:2.4.39-4"));
    const shell = await run("shell", await pull("e2e-test-images/busybox:1.29-2"), ["sleep", "1000"]);
    const still = await run("static", await pull("pause:3.9"));
    const init = await run("system", system.alias);

    const { network } = await pod.status();
    const pages = { 80: "It works!", 8080: "Welcome to nginx!", 8081: "from the system" };
    for (const [port, text] of Object.entries(pages)) {
      await eventually(
        `port ${port} answers the node`,
        async () => (await fetch(`http://${network?.ip}:${port}/`)).text(),
        (page) => page.includes(text),
      );
      expect(await shell.sh(`wget -qO- http://127.0.0.1:${port}/`)).toContain(text);
    }
    for (const container of [nginx, httpd, shell, still, init]) {
      expect((await container.status()).state).toBe(ContainerState.CONTAINER_RUNNING);
    }
    expect((await still.status()).user?.linux?.uid).toBe(65535n);
    expect(await init.sh("ps | sed -n 's/^ *1 root .* //p'")).toBe("init\n");
    expect(await httpd.sh("readlink /proc/1/exe")).toBe("/usr/sbin/apache2\n");
  });
});

/** A busybox that boots: pid 1 is its init, which keeps a server running. */
async function systemImage({
  lxd,
  busybox,
}: ArmInstance): Promise<{ alias: string; [Symbol.asyncDispose](): Promise<void> }> {
  if (!lxd) throw new Error("no LXD stands behind this arm");
  const options = { busybox: Uint8Array.from(busybox), flavour: SYSTEM_ALIAS, inittab: INITTAB };
  const fingerprint = await uploadBusybox(lxd.client, SYSTEM_ALIAS, options);
  return { alias: SYSTEM_ALIAS, [Symbol.asyncDispose]: async () => void (await lxd.client.images.delete(fingerprint)) };
}
