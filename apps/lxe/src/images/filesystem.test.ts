import type { Image, StoragePool } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import type { FileInfo } from "../platform/host-files.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { type Catalog, createCatalog } from "./catalog.ts";
import { createFilesystemMeter } from "./filesystem.ts";
import { FILESYSTEM_AGE_MS } from "./limits.ts";
import { BUILT_IN_REMOTES, namingOf } from "./remotes.ts";
import { fakeFingerprint, fakeImage } from "./testing/fake-image.ts";

const ONE = fakeFingerprint("1");
const TWO = fakeFingerprint("2");

interface Host {
  directories: string[];
  mountPoints?: string[];
  /** Names in LXD's `images`; undefined: may not be read. */
  imageFiles?: string[];
  driver?: string;
  socketPath?: string;
}

function directoryInfo(): FileInfo {
  return {
    kind: "directory",
    sizeBytes: 0,
    allocatedBytes: 0,
    inode: 1n,
    links: 1,
    mode: 0o755,
    uid: 0,
    gid: 0,
    modifiedNs: 0n,
  };
}

function poolOf(driver: string): StoragePool {
  return { name: "pool", driver, description: "", status: "Created", config: {}, used_by: [], locations: [] };
}

function catalogOf(...images: Image[]): Catalog {
  return createCatalog(images, namingOf(BUILT_IN_REMOTES, "local"));
}

function meterOn(host: Host) {
  const clock = createManualClock();
  const calls = { pool: 0, failing: false };
  const store = {
    catalog: catalogOf(fakeImage(ONE, [], { size: 10 }), fakeImage(TWO, [], { size: 5 })),
    remotes: BUILT_IN_REMOTES,
    refresh: () => Promise.resolve(),
  };
  const meter = createFilesystemMeter({
    clock,
    log: createSilentLogger(),
    lxd: {
      storage: {
        get: () => {
          calls.pool += 1;
          return calls.failing
            ? Promise.reject(new Error("LXD is away"))
            : Promise.resolve(poolOf(host.driver ?? "dir"));
        },
      },
    },
    files: {
      stat: (path) => Promise.resolve(host.directories.includes(path) ? directoryInfo() : undefined),
      isMountPoint: (path) => Promise.resolve(host.mountPoints?.includes(path) === true),
      list: () => (host.imageFiles ? Promise.resolve(host.imageFiles) : Promise.reject(new Error("EACCES"))),
    },
    store,
    socketPath: host.socketPath,
    storagePool: () => "pool",
  });
  const removeTwo = (): void => {
    store.catalog = catalogOf(fakeImage(ONE, [], { size: 10 }));
  };
  return { meter, clock, calls, removeTwo };
}

const LXD = "/var/lib/lxd";
const POOL = `${LXD}/storage-pools/pool`;
const SOCKET = `${LXD}/unix.socket`;
const SNAP = "/var/snap/lxd/common/lxd";

describe("the mount point of images", () => {
  it.each<[string, Host, string]>([
    ["the pool's directory", { directories: [LXD, POOL], socketPath: SOCKET }, POOL],
    [
      "the pool's directory where it is mounted",
      { directories: [LXD, POOL], mountPoints: [POOL], driver: "zfs", socketPath: SOCKET },
      POOL,
    ],
    [
      "LXD's directory where only LXD has the pool mounted",
      { directories: [LXD, POOL], driver: "zfs", socketPath: SOCKET },
      LXD,
    ],
    ["LXD's directory where the pool's cannot be seen", { directories: [LXD], socketPath: SOCKET }, LXD],
    ["the next directory that exists", { directories: ["/var"], socketPath: SOCKET }, "/var"],
    ["the root at last", { directories: [], socketPath: SOCKET }, "/"],
    [
      "Incus's directory for a socket in /run",
      { directories: ["/var/lib/incus"], socketPath: "/run/incus/unix.socket" },
      "/var/lib/incus",
    ],
    ["a well-known directory without a socket", { directories: [SNAP] }, SNAP],
  ])("is %s", async (_, host, expected) => {
    expect((await meterOn(host).meter.measure()).mountpoint).toBe(expected);
  });
});

describe("a measurement", () => {
  it("adds sizes and counts LXD's files", async () => {
    const imageFiles = [ONE, `${ONE}.rootfs`, TWO, "lxd_build_1", fakeFingerprint("3")];
    const { meter } = meterOn({ directories: [LXD], imageFiles, socketPath: SOCKET });
    expect(await meter.measure()).toMatchObject({ usedBytes: 15n, inodesUsed: 3n });
  });

  it("counts a file for each image where LXD's files cannot be seen", async () => {
    expect((await meterOn({ directories: [LXD], socketPath: SOCKET }).meter.measure()).inodesUsed).toBe(2n);
  });

  it("is made in the background, at most every ten seconds, also when it fails", async () => {
    const { meter, clock, calls } = meterOn({ directories: [LXD], socketPath: SOCKET });
    expect(meter.current()).toBeUndefined();
    await expect.poll(() => meter.current()).toBeDefined();
    expect(calls.pool).toBe(1);
    clock.advance(FILESYSTEM_AGE_MS - 1);
    const first = meter.current();
    expect(calls.pool).toBe(1);
    calls.failing = true;
    clock.advance(1);
    expect(meter.current()).toBe(first);
    await expect.poll(() => calls.pool).toBe(2);
    expect(meter.current()).toBe(first);
    calls.failing = false;
    clock.advance(FILESYSTEM_AGE_MS);
    meter.current();
    await expect.poll(() => meter.current()).not.toBe(first);
    expect(meter.current()?.measuredAt).toBe(clock.nowNs());
  });

  it("is made anew at once when images have come or gone", async () => {
    const { meter, calls, removeTwo } = meterOn({ directories: [LXD], socketPath: SOCKET });
    await meter.measure();
    removeTwo();
    expect(meter.current()?.usedBytes).toBe(15n);
    await expect.poll(() => meter.current()?.usedBytes).toBe(10n);
    expect(calls.pool).toBe(2);
  });
});
