/** A container's directory on the disk, without LXD: the test does what the app would. */

import { ContainerConfig, ContainerState } from "@lxe/cri";
import type { ContainerRecord } from "../../model/records.ts";
import { containerRecord } from "../../model/testing/records.ts";
import { createSystemHostFiles } from "../../platform/system-host-files.ts";
import { temporaryDirectory } from "../../platform/testing/temporary-directory.ts";
import { type ContainerPaths, StatePaths } from "../../store/paths.ts";

export interface ContainerOnDisk extends AsyncDisposable {
  readonly context: { readonly files: ReturnType<typeof createSystemHostFiles>; readonly paths: StatePaths };
  readonly container: ContainerRecord;
  readonly own: ContainerPaths;
}

export async function containerOnDisk(config: Partial<ContainerConfig>): Promise<ContainerOnDisk> {
  const directory = await temporaryDirectory();
  const context = { files: createSystemHostFiles(), paths: new StatePaths(directory.path) };
  const container = containerRecord({
    config: ContainerConfig.fromPartial(config),
    state: ContainerState.CONTAINER_RUNNING,
    startedAt: 1n,
  });
  const own = context.paths.container(container.instance);
  await context.files.makeDirectory(own.directory);
  return { context, container, own, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}
