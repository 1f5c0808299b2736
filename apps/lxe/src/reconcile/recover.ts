/**
 * What a lxe that was killed may have left half done, found at its next start: a sandbox that was created and never
 * started is rolled back, files without an instance are removed, and so are those of commands; a terminal's holder whose app will not
 * come is ended. Everything else in LXD is complete at every moment.
 */

import { isFinalStatus, isLxdError } from "@lxe/lxd-client";
import { join } from "node:path";
import type { Context } from "../context.ts";
import { hasEnded, type InstanceRecord } from "../model/records.ts";
import { endHolder, endHoldersIn, hasTerminal } from "../exec/app-terminal.ts";
import { isCommandFile } from "../exec/program.ts";
import { letGo } from "../platform/hold-pipe.ts";
import { removePodFiles } from "../pod-files.ts";
import { instancesOf } from "./instance-urls.ts";

type RecoverContext = Pick<Context, "lxd" | "files" | "mounts" | "paths" | "index" | "reconciler" | "podLock" | "log">;

export async function recover(context: RecoverContext, records: readonly InstanceRecord[]): Promise<void> {
  for (const record of records) {
    if (record.kind === "sandbox" && record.starting && !record.uncertain) await rollBack(context, record.instance);
  }
  await removeOrphanFiles(context);
  await removeCommandFiles(context);
  await endHolders(context, records);
}

/** The kubelet never heard of it: RunPodSandbox had not answered. */
async function rollBack(context: RecoverContext, instance: string): Promise<void> {
  const { lxd, reconciler, podLock, log } = context;
  await podLock.run(instance, async () => {
    log.info({ instance }, "removing a sandbox that was never started");
    try {
      await lxd.instances.delete(instance);
    } catch (error) {
      if (!isLxdError(error, "not-found")) throw error;
    }
    await removePodFiles(context, instance);
    await reconciler.read(instance);
  });
}

/** By the names in LXD, not by the index alone: an instance that lxe could not read keeps its files. */
async function removeOrphanFiles(context: RecoverContext): Promise<void> {
  const { lxd, files, mounts, paths, index, log } = context;
  const instances = new Set(await lxd.instances.list({ recursion: 0 }));
  for (const instance of await files.list(paths.mounts)) await mounts.release(join(paths.mounts, instance));
  const orphans = async (directory: string): Promise<string[]> =>
    (await files.list(directory)).filter((name) => !instances.has(name) && !index.byInstance(name));
  for (const instance of await orphans(paths.pods)) await removePodFiles(context, instance);
  for (const instance of await orphans(paths.holds)) await letGo(join(paths.holds, instance));
  for (const instance of await orphans(paths.rootfs)) await mounts.unmount(join(paths.rootfs, instance));
  for (const directory of [paths.containers, paths.logs]) {
    for (const name of await orphans(directory)) {
      log.info({ file: `${directory}/${name}` }, "removing files of an instance that is gone");
      await files.removeTree(`${directory}/${name}`);
    }
  }
}

/** A command that a killed lxe ran goes on without its files: nobody waits for its end. */
async function removeCommandFiles({ files, paths }: RecoverContext): Promise<void> {
  const ofInstance = async (instance: string): Promise<void> => {
    const directory = join(paths.containers, instance);
    for (const name of (await files.list(directory)).filter(isCommandFile))
      await files.removeTree(join(directory, name));
  };
  // all at once: one after the other, each would wait behind the logs that are being opened meanwhile
  await Promise.all((await files.list(paths.containers)).map(ofInstance));
}

/** Of starts that were not finished. An app that LXD is starting yet needs its own. */
async function endHolders(context: RecoverContext, records: readonly InstanceRecord[]): Promise<void> {
  const { lxd, files, paths } = context;
  const pods = await files.list(paths.pods);
  await Promise.all(pods.map((instance) => endHoldersIn(context, paths.pod(instance).inside)));
  const held: string[] = [];
  for (const record of records) {
    if (record.kind !== "container" || !hasEnded(record) || !hasTerminal(record)) continue;
    if (await files.stat(paths.container(record.instance).holderSocket)) held.push(record.instance);
  }
  if (held.length === 0) return;
  const operations = await lxd.operations.list();
  const busy = new Set(operations.filter(({ status_code }) => !isFinalStatus(status_code)).flatMap(instancesOf));
  for (const instance of held) if (!busy.has(instance)) await endHolder(context, instance);
}
