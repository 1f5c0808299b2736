/** What an lxe process holds for clients of its streams. */
import { readdir, readFile, readlink } from "node:fs/promises";
import type { ArmInstance } from "../arms/arm.ts";
import { processesWith } from "./processes.ts";

export interface Holdings {
  /** Open descriptors. */
  readonly descriptors: number;
  /** Named pipes among them: those of commands. */
  readonly pipes: number;
  /** To the streaming server, as the kernel knows them. */
  readonly connections: number;
}

export async function holdingsOfLxe(
  { endpoint }: Pick<ArmInstance, "endpoint">,
  streamingUrl: string,
): Promise<Holdings> {
  const [pid] = await processesWith("serve", `--socket=${endpoint.replace("unix://", "")}`);
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory);
  const targets = await Promise.all(names.map((name) => readlink(`${directory}/${name}`).catch(() => "")));
  return {
    descriptors: targets.filter((target) => target !== "").length,
    pipes: targets.filter((target) => /\.(?:in|out|err)(?: \(deleted\))?$/.test(target)).length,
    connections: await connectionsTo(Number(new URL(streamingUrl).port)),
  };
}

const LISTEN = "0A";
const TIME_WAIT = "06";

async function connectionsTo(port: number): Promise<number> {
  const lines = (await readFile("/proc/net/tcp", "utf8")).trim().split("\n").slice(1);
  const ending = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return lines.filter((line) => {
    const [, local = "", , state = ""] = line.trim().split(/\s+/);
    return local.endsWith(ending) && state !== LISTEN && state !== TIME_WAIT;
  }).length;
}
