/** Runs a pod of `examples/` through the CRI socket, the way a kubelet does. */
import type { CriClient } from "@lxe/cri";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeConfigMap } from "../support/config-map.ts";
import { eventually } from "../support/eventually.ts";
import { readPodManifest } from "../support/pod-yaml.ts";

export interface DemoContainer {
  readonly name: string;
  readonly id: string;
  readonly logPath: string;
}

export interface DemoPod {
  readonly id: string;
  readonly name: string;
  readonly containers: readonly DemoContainer[];
}

export interface PodOptions {
  readonly cri: CriClient;
  readonly manifest: string;
  /** For logs and volumes. */
  readonly directory: string;
  readonly step: (text: string) => void;
}

export async function runManifest({ cri, manifest, directory, step }: PodOptions): Promise<DemoPod> {
  const logDirectory = join(directory, "logs");
  const volumeDirectory = (name: string): string => join(directory, "volumes", name);
  const { name, sandbox, containers, volumes } = await readPodManifest(manifest, { logDirectory, volumeDirectory });
  await mkdir(logDirectory);
  for (const [volume, files] of volumes) {
    await mkdir(volumeDirectory(volume), { recursive: true });
    await writeConfigMap(volumeDirectory(volume), files);
  }
  const { podSandboxId } = await cri.runPodSandbox({ config: sandbox });
  const { status } = await cri.podSandboxStatus({ podSandboxId });
  step(`RunPodSandbox: pod ${name} has the address ${status?.network?.ip}`);
  const started: DemoContainer[] = [];
  for (const config of containers) {
    const container = config.metadata?.name ?? "";
    const { containerId } = await cri.createContainer({ podSandboxId, config, sandboxConfig: sandbox });
    await cri.startContainer({ containerId });
    step(`CreateContainer, StartContainer: ${container}`);
    started.push({ name: container, id: containerId, logPath: join(logDirectory, config.logPath ?? "") });
  }
  return { id: podSandboxId, name, containers: started };
}

/** The container's log once it has a line. */
export async function logOf({ name, logPath }: DemoContainer): Promise<string> {
  return eventually(
    `${name} has written a line`,
    () => readFile(logPath, "utf8"),
    (text) => text.includes("\n"),
  );
}
