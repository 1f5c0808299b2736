import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readContainerJson, readSandboxJson } from "./crictl-json.ts";
import { EXAMPLES } from "./paths.ts";
import { readPodManifest } from "./pod-yaml.ts";

test("the JSON examples are CRI messages, every field of them", async () => {
  const sandbox = await readSandboxJson(join(EXAMPLES, "sandbox.json"));
  expect(sandbox).toMatchObject({ metadata: { name: "demo" }, logDirectory: "/tmp/lxe-demo-logs" });
  const web = await readContainerJson(join(EXAMPLES, "container-web.json"));
  expect(web).toMatchObject({ logPath: "web.log", linux: { resources: { memoryLimitInBytes: 67108864n } } });
  expect(web.mounts).toMatchObject([{ hostPath: "/etc/os-release", readonly: true }]);
  const client = await readContainerJson(join(EXAMPLES, "container-client.json"));
  expect(client.metadata?.name).toBe("client");
});

test("a field that CRI does not have is named", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lxe-json-"));
  const path = join(directory, "typo.json");
  await writeFile(path, JSON.stringify({ metadata: { name: "x" }, log_dirctory: "/tmp" }));
  await expect(readSandboxJson(path)).rejects.toThrow(/logDirctory is not a field/);
  await rm(directory, { recursive: true });
});

test("the YAML example becomes what a kubelet would ask for", async () => {
  const places = { logDirectory: "/logs", volumeDirectory: (name: string) => `/volumes/${name}` };
  const { sandbox, containers, volumes } = await readPodManifest(join(EXAMPLES, "pod.yaml"), places);
  expect(sandbox).toMatchObject({ hostname: "demo", logDirectory: "/logs", labels: { app: "demo" } });
  expect(containers.map(({ metadata }) => metadata?.name)).toEqual(["web", "client"]);
  expect(containers[0]).toMatchObject({
    envs: [{ key: "GREETING", value: Buffer.from("good morning") }],
    mounts: [{ hostPath: "/volumes/page", containerPath: "/www", readonly: true }],
  });
  expect(Object.fromEntries(volumes)).toEqual({ page: { "index.html": "hello from a ConfigMap\n" } });
});
