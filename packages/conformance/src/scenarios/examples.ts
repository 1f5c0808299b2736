/** What lies in examples/ for crictl. */
import { join } from "node:path";
import { expect } from "vitest";
import type { TestContainer } from "../support/container.ts";
import { readContainerJson, readSandboxJson } from "../support/crictl-json.ts";
import { lxdInstance } from "../support/lxd-instance.ts";
import { EXAMPLES } from "../support/paths.ts";
import { preparePod, type TestPod } from "../support/pod.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

async function runExample(pod: TestPod): Promise<{ web: TestContainer; client: TestContainer }> {
  const config = await readSandboxJson(join(EXAMPLES, "sandbox.json"));
  // its own place is on the reader's machine
  Object.assign(pod.config, config, { logDirectory: pod.logDirectory });
  await pod.run();
  const start = async (file: string): Promise<TestContainer> => {
    const container = await readContainerJson(join(EXAMPLES, file));
    return pod.start({ config: { ...container, image: { image: pod.arm.images.busybox } } });
  };
  return { web: await start("container-web.json"), client: await start("container-client.json") };
}

export const examples: Theme = {
  name: "examples",
  scenarios: [
    scenario("the pod of two containers for crictl runs", async (arm) => {
      await using pod = await preparePod(arm);
      const { client } = await runExample(pod);
      await client.says("NAME=");
    }),

    lxeScenario("the names of its instances read well in LXD's list", "they are LXD's", async (arm, lxd) => {
      await using pod = await preparePod(arm);
      const { web, client } = await runExample(pod);
      const instances = await Promise.all([pod, web, client].map(({ id }) => lxdInstance(lxd.client, id)));
      const names = instances.map(({ name }) => name);
      expect(names[0]).toMatch(/^demo-[0-9a-f]{8}$/);
      expect(names[1]).toMatch(/^demo-[0-9a-f]{8}-web-[0-9a-f]{6}$/);
      expect(names[2]).toMatch(/^demo-[0-9a-f]{8}-client-[0-9a-f]{6}$/);
    }),
  ],
};
