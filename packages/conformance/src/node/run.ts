/** The host's arm, run within a node in Docker; its progress is shown here, its result is fetched. */
import type { ArmResult, Report } from "../report/result.ts";
import { run } from "../real-lxd/own-lxd.ts";
import { buildNodeImage, startNode } from "./container.ts";

export interface NodeRunOptions {
  readonly grep: string | undefined;
  readonly base: string | undefined;
}

const OUT = "/tmp/conformance";

export async function runInNode(daemon: "lxd" | "incus", { grep, base }: NodeRunOptions): Promise<ArmResult> {
  const image = await buildNodeImage(daemon, base);
  const node = await startNode(image);
  const interrupt = (): void => void node.stop({ timeout: 0 });
  process.once("SIGINT", interrupt);
  try {
    const program = "packages/conformance/src/conformance/main.ts";
    const pattern = grep === undefined ? [] : ["--grep", grep];
    const command = ["node", program, "--arm", "host", "--required", "--out", OUT, ...pattern];
    // testcontainers gives an exec's output only at its end
    await run("docker", ["exec", "--env", "LXE_TEST_RETRIES", node.getId(), ...command]);
    const { output } = await node.exec(["cat", `${OUT}/report.json`]);
    const [result] = (JSON.parse(output) as Report).arms;
    if (!result) throw new Error("the node's report has no arm");
    return { ...result, arm: daemon };
  } finally {
    process.off("SIGINT", interrupt);
    await node.stop({ timeout: 0, remove: true, removeVolumes: true });
  }
}
