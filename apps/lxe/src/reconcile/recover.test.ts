import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ContainerState } from "@lxe/cri";
import type { Operation } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { containerRecord, sandboxRecord } from "../model/testing/records.ts";
import type { HostMounts } from "../platform/host-mounts.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { listenUnix } from "../platform/unix-listener.ts";
import { Index } from "../store/index.ts";
import { StatePaths } from "../store/paths.ts";
import type { Reconciler } from "./reconciler.ts";
import { recover } from "./recover.ts";
import { asClient, notFound, unavailable } from "./testing/small-lxd.ts";

interface FixtureOptions {
  readonly inLxd?: string[];
  readonly deleteFails?: Error;
  readonly operations?: Partial<Operation>[];
}

async function fixture(options: FixtureOptions = {}) {
  const directory = await temporaryDirectory();
  const paths = new StatePaths(directory.path);
  const [deleted, released, unmounted, read]: string[][] = [[], [], [], []];
  const lxd = asClient({
    instances: {
      list: async () => options.inLxd ?? [],
      delete: async (name: string) => {
        if (options.deleteFails) throw options.deleteFails;
        deleted?.push(name);
      },
    },
    operations: { list: async () => options.operations ?? [] },
  });
  const context = {
    lxd,
    paths,
    index: new Index(),
    files: { ...createSystemHostFiles(), unmount: async () => {} },
    mounts: {
      release: async (path: string) => void released?.push(path),
      unmount: async (path: string) => void unmounted?.push(path),
    } as HostMounts,
    reconciler: { read: async (name: string) => void read?.push(name) } as Reconciler,
    podLock: new KeyedLock(),
    log: createSilentLogger(),
  };
  const make = async (...names: string[]): Promise<void> => {
    await mkdir(join(directory.path, ...names), { recursive: true });
    await writeFile(join(directory.path, ...names, "file"), "");
  };
  return {
    context,
    paths,
    deleted,
    released,
    unmounted,
    read,
    make,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** As a holder does: it listens, and ends with its first connection. */
async function waiting(path: string) {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const server = await listenUnix(path, (socket) => {
    socket.destroy();
    resolve();
  });
  return { ended, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("after a start", () => {
  it("a sandbox that was never started is removed with its files, others stay", async () => {
    await using all = await fixture({ inLxd: ["ready"] });
    await all.make("pods", "half");
    const half = sandboxRecord({ instance: "half", starting: true });
    await recover(all.context, [half, sandboxRecord({ instance: "ready" })]);
    expect(all.deleted).toEqual(["half"]);
    expect(all.read).toEqual(["half"]);
    expect(await readdir(all.paths.pods)).toEqual([]);
  });

  it("a sandbox that LXD cannot look into is not removed", async () => {
    await using all = await fixture();
    await recover(all.context, [sandboxRecord({ instance: "half", starting: true, uncertain: true })]);
    expect(all.deleted).toEqual([]);
  });

  it("a sandbox that is gone already is fine, and one that cannot be removed is an error", async () => {
    const half = sandboxRecord({ instance: "half", starting: true });
    await using gone = await fixture({ deleteFails: notFound() });
    await expect(recover(gone.context, [half])).resolves.toBeUndefined();
    await using broken = await fixture({ deleteFails: unavailable() });
    await expect(recover(broken.context, [half])).rejects.toThrow("gone");
  });

  it.each(["containers", "pods", "logs"])("%s without an instance go, the others stay", async (directory) => {
    await using all = await fixture({ inLxd: ["in-lxd", "not-lxes"] });
    all.context.index.put(sandboxRecord({ instance: "in-index" }));
    for (const name of ["in-lxd", "in-index", "orphan"]) await all.make(directory, name);
    await recover(all.context, []);
    expect((await readdir(join(all.paths.pods, "..", directory))).toSorted()).toEqual(["in-index", "in-lxd"]);
  });

  it("stand-ins for mounts go, whoever's they are", async () => {
    await using all = await fixture({ inLxd: ["web"] });
    await all.make("mounts", "web");
    await recover(all.context, []);
    expect(all.released).toEqual([join(all.paths.mounts, "web")]);
  });

  it("mounts of root file systems go with their instances", async () => {
    await using all = await fixture({ inLxd: ["in-lxd"] });
    all.context.index.put(sandboxRecord({ instance: "in-index" }));
    for (const name of ["in-lxd", "in-index", "orphan"]) await all.make("rootfs", name);
    await recover(all.context, []);
    expect(all.unmounted).toEqual([join(all.paths.rootfs, "orphan")]);
  });

  it("what commands had as files goes, the app's files stay", async () => {
    await using all = await fixture({ inLxd: ["web"] });
    await all.make("containers", "web");
    const directory = join(all.paths.containers, "web");
    const left = ["x0123abcd", "x0123abcd.out", "x0123abcd.sock", "k89abcdef", ".x0123abcd.err.7.tmp"];
    for (const name of [...left, "stdout", "xattrs"]) await writeFile(join(directory, name), "");
    await recover(all.context, []);
    expect((await readdir(directory)).toSorted()).toEqual(["file", "stdout", "xattrs"]);
  });

  it("a terminal's holder that was made and not yet given to a container ends, and leaves no files", async () => {
    await using all = await fixture({ inLxd: ["pod"] });
    const { inside } = all.paths.pod("pod");
    await mkdir(inside, { recursive: true });
    for (const name of ["terminal-app", "relay"]) await writeFile(join(inside, name), "");
    await using holder = await waiting(join(inside, "terminal-app.sock"));
    await recover(all.context, []);
    await holder.ended;
    expect(await readdir(inside)).toEqual(["relay"]);
  });

  const running: Partial<Operation> = { status_code: 103, resources: { instances: ["/1.0/instances/app"] } };
  it.each([
    { what: "was not started", state: ContainerState.CONTAINER_CREATED, operations: [], left: [] },
    { what: "runs", state: ContainerState.CONTAINER_RUNNING, operations: [], left: ["terminal"] },
    { what: "LXD is starting", state: ContainerState.CONTAINER_CREATED, operations: [running], left: ["terminal"] },
    {
      what: "LXD has failed to start",
      state: ContainerState.CONTAINER_CREATED,
      operations: [{ ...running, status_code: 400 }],
      left: [],
    },
  ])("of a container that $what the terminal's holder leaves $left", async ({ state, operations, left }) => {
    await using all = await fixture({ inLxd: ["app"], operations });
    const { directory, holderSocket } = all.paths.container("app");
    await mkdir(directory, { recursive: true });
    await using holder = await waiting(holderSocket);
    const config = { ...containerRecord().config, tty: true };
    await recover(all.context, [containerRecord({ instance: "app", state, config })]);
    expect(await readdir(directory)).toEqual(left);
    if (left.length === 0) await holder.ended;
  });

  it("nothing there is nothing to do", async () => {
    await using all = await fixture();
    await expect(recover(all.context, [])).resolves.toBeUndefined();
  });
});
