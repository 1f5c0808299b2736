/** What lies in examples/ for crictl. */
import { join } from "node:path";
import { expect } from "vitest";
import { readContainerJson, readSandboxJson } from "../support/crictl-json.ts";
import { lxdInstance } from "../support/lxd-instance.ts";
import { EXAMPLES } from "../support/paths.ts";
import { preparePod } from "../support/pod.ts";
import { scenario, type Theme } from "./scenario.ts";

export const examples: Theme = {
  name: "examples",
  scenarios: [
    scenario("the pod of two containers for crictl runs, and reads well in LXD's list", async (arm) => {
      const config = await readSandboxJson(join(EXAMPLES, "sandbox.json"));
      const image = { image: arm.images.busybox };
      await using pod = await preparePod(arm, { config });
      // its own place is on the reader's machine
      pod.config.logDirectory = pod.logDirectory;
      await pod.run();
      const start = async (file: string) => {
        const container = await readContainerJson(join(EXAMPLES, file));
        return pod.start({ config: { ...container, image } });
      };
      const web = await start("container-web.json");
      const client = await start("container-client.json");
      await client.says("NAME=");
      const names = await Promise.all([pod, web, client].map(async ({ id }) => (await lxdInstance(arm, id)).name));
      expect(names[0]).toMatch(/^demo-[0-9a-f]{8}$/);
      expect(names[1]).toMatch(/^demo-[0-9a-f]{8}-web-[0-9a-f]{6}$/);
      expect(names[2]).toMatch(/^demo-[0-9a-f]{8}-client-[0-9a-f]{6}$/);
    }),
  ],
};
