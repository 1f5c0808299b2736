/** Ends what `npm start -- --keep` left running, and removes its files. */
import { createCriClient } from "@lxe/cri";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";

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
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    numbers.map(async (pid) => ({
      pid: Number(pid),
      argv: await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""),
    })),
  );
  const own = (name: string): number[] =>
    commands.filter(({ argv }) => argv.includes(name) && argv.includes(`${directory}/`)).map(({ pid }) => pid);
  return [...own("lxe.js"), ...own("fake-lxd.js")];
}
