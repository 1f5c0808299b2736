/** How each arm is run: in a vitest of its own, here or in a node in Docker, that leaves its result in a file. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { noContainerdReason } from "../arms/containerd.ts";
import { noLxdReason } from "../arms/host-lxd.ts";
import { noDockerReason } from "../node/container.ts";
import { runInNode } from "../node/run.ts";
import { run, withOwnLxd } from "../real-lxd/own-lxd.ts";
import type { ArmResult } from "../report/result.ts";
import { WORKSPACE_ROOT } from "../support/paths.ts";
import type { ArmName, Options } from "./options.ts";

const OWN_LXD = { directory: "/tmp/lxe-conf-lxd", bridge: "lxeconf0", subnet: "10.77.0.1/24" };

interface Runner {
  /** Why it cannot be had here. */
  unavailable(): Promise<string | undefined>;
  run(options: Options, resultFile: string): Promise<ArmResult>;
}

export const RUNNERS: Readonly<Record<ArmName, Runner>> = {
  fake: { unavailable: async () => undefined, run: (options, file) => here("fake", options, file) },
  host: {
    unavailable: async () => (process.env["LXE_TEST_LXD_SOCKET"] ? undefined : noLxdReason()),
    run: async (options, file) => {
      if (process.env["LXE_TEST_LXD_SOCKET"]) return here("host", options, file);
      await withOwnLxd(OWN_LXD, () => vitest("host", options, file));
      return resultIn(file);
    },
  },
  lxd: { unavailable: noDockerReason, run: (options) => runInNode("lxd", options) },
  incus: { unavailable: noDockerReason, run: (options) => runInNode("incus", options) },
  containerd: {
    unavailable: async () => noContainerdReason(),
    run: (options, file) => here("containerd", options, file),
  },
};

async function here(arm: string, options: Options, file: string): Promise<ArmResult> {
  await vitest(arm, options, file);
  return resultIn(file);
}

function vitest(arm: string, { grep }: Options, file: string): Promise<number> {
  const program = join(WORKSPACE_ROOT, "node_modules/vitest/vitest.mjs");
  const args = grep === undefined ? [] : ["--testNamePattern", grep];
  const env = { LXE_TEST_ARM: arm, LXE_TEST_RESULT: file };
  return run(process.execPath, [program, "run", "--config", "vitest.arm.config.ts", ...args], env);
}

async function resultIn(file: string): Promise<ArmResult> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) throw new Error("the arm ended without a result; its output above says why");
  return JSON.parse(text) as ArmResult;
}
