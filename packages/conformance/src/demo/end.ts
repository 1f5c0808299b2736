/** Ends what `npm start -- --keep` left running, and removes its files. */
import { createCriClient } from "@lxe/cri";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { processesWith } from "../support/processes.ts";

/** `directory`: as `--keep` printed it. */
export async function endDemo(directory: string): Promise<void> {
  await removePods(join(directory, "lxe.sock"));
  for (const pid of await processesOf(directory)) {
    process.kill(pid, "SIGTERM");
    await eventually(
      `process ${pid} is gone`,
      () => processesOf(directory),
      (pids) => !pids.includes(pid),
    );
  }
  await rm(directory, { recursive: true, force: true });
}

async function removePods(socket: string): Promise<void> {
  await using cri = createCriClient(`unix://${socket}`, { timeoutMs: 30_000 });
  const { items } = await cri.listPodSandbox({});
  for (const { id } of items) await cri.removePodSandbox({ podSandboxId: id });
}

/** lxe first, then fake-lxd: those whose arguments lie in the directory. */
async function processesOf(directory: string): Promise<number[]> {
  const programs = ["lxe.js", "fake-lxd.js"];
  return (await Promise.all(programs.map((program) => processesWith(program, `${directory}/`)))).flat();
}
