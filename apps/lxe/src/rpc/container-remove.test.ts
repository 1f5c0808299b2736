import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Context } from "../context.ts";
import { containerRecord } from "../model/testing/records.ts";
import { createSystemHostMounts } from "../platform/host-mounts.ts";
import { isMountPoint } from "../platform/mounts.ts";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { asClient, notFound } from "../reconcile/testing/small-lxd.ts";
import { StatePaths } from "../store/paths.ts";
import { deleteContainer } from "./container-remove.ts";

const isRoot = process.geteuid?.() === 0;
const container = containerRecord({ instance: "web-55555555-app" });

/** A container that has ended, and its root file system's mount point. */
async function fixture({ inLxd = true, settled = Promise.resolve() } = {}) {
  const directory = await temporaryDirectory();
  const paths = new StatePaths(directory.path);
  const { rootfs } = paths.container(container.instance);
  const mountedAtDelete: boolean[] = [];
  const lxd = asClient({
    instances: {
      delete: async () => {
        mountedAtDelete.push(await isMountPoint(rootfs));
        if (!inLxd) throw notFound();
      },
    },
  });
  const mounts = createSystemHostMounts();
  const context = {
    lxd,
    paths,
    mounts,
    files: createSystemHostFiles(),
    exits: { settled: () => settled },
    logs: { drop: async () => undefined },
    reconciler: { read: async () => undefined },
  } as unknown as Context;
  const source = join(directory.path, "pool");
  await mkdir(source);
  return {
    context,
    mounts,
    source,
    rootfs,
    mountedAtDelete,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe("a container whose root file system LXC's hooks have not unmounted, as where LXD was away or is quick to delete", () => {
  it.skipIf(!isRoot).each([true, false])("is unmounted before LXD deletes it (as root; in LXD: %s)", async (inLxd) => {
    await using all = await fixture({ inLxd });
    await all.mounts.bind(all.source, all.rootfs);
    await deleteContainer(all.context, container);
    expect(all.mountedAtDelete).toEqual([false]);
    await expect(stat(all.rootfs)).rejects.toThrow("ENOENT");
    expect((await stat(all.source)).isDirectory()).toBe(true);
  });

  it("leaves no mount point", async () => {
    await using all = await fixture();
    await mkdir(all.rootfs, { recursive: true });
    await deleteContainer(all.context, container);
    await expect(stat(all.rootfs)).rejects.toThrow("ENOENT");
  });
});

it("a container is deleted once its exit is written, since the next one of its name has the same instance name", async () => {
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  await using all = await fixture({ settled });
  const deleting = deleteContainer(all.context, container);
  await new Promise(setImmediate);
  expect(all.mountedAtDelete).toEqual([]);
  resolve();
  await deleting;
  expect(all.mountedAtDelete).toHaveLength(1);
});
