/**
 * Reads files of an image. LXD shows only files of instances, so an instance is made of the image, never started, and deleted.
 * One that a killed lxe left behind is found by its name and its mark; one that LXD does not delete now is deleted later.
 */
import { isLxdError, type LxdClient } from "@lxe/lxd-client";
import type { Clock } from "../platform/clock.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";

export type ProbeLxd = {
  readonly instances: Pick<LxdClient["instances"], "list" | "get" | "create" | "delete" | "files">;
};

export interface Probes {
  /**
   * Calls `read` with the name of an instance of the image, which is gone when this settles, or soon after. One at a time for each image.
   * Cannot be aborted while LXD makes the instance: it would come into being with nobody left to delete it.
   */
  use<Value>(fingerprint: string, pool: string, read: (instance: string) => Promise<Value>): Promise<Value>;
  /**
   * Deletes what earlier processes left behind, and once more when LXD can no longer be making any for them. Returns at once, and tries
   * for as long as it takes.
   */
  tidyUp(): void;
}

const NAME_PREFIX = "lxe-probe-";
const NAME_DIGITS = 12;
const NAME_PATTERN = new RegExp(`^${NAME_PREFIX}[0-9a-f]{${NAME_DIGITS}}$`, "u");
const MARK = "user.lxe.probe";
const RETRY_MS = 5000;
/** For as long LXD may sit on a creation that was given up, and still do it. */
const LATE_MS = 15 * 60_000;

export function createProbes({ instances }: ProbeLxd, clock: Pick<Clock, "setTimeout">): Probes {
  const locks = new KeyedLock();

  async function remove(name: string): Promise<void> {
    await unlessMissing(instances.delete(name));
  }

  async function createAnew(name: string, fingerprint: string, pool: string): Promise<void> {
    const body = instanceOf(name, fingerprint, pool);
    try {
      await instances.create(body);
    } catch (error) {
      if (!isLxdError(error, "already-exists")) throw error;
      await remove(name);
      await instances.create(body);
    }
  }

  async function removeIfLeft(name: string): Promise<void> {
    await locks.run(name, async () => {
      const instance = await unlessMissing(instances.get(name));
      if (instance?.value.config[MARK] === "true") await remove(name);
    });
  }

  async function removeAllLeft(): Promise<void> {
    const names = await instances.list({ recursion: 0 });
    for (const name of names.filter((candidate) => NAME_PATTERN.test(candidate))) await removeIfLeft(name);
  }

  function untilDone(work: () => Promise<void>): void {
    void work().catch(() => clock.setTimeout(() => untilDone(work), RETRY_MS));
  }

  function removeLater(name: string, afterMs = RETRY_MS): void {
    clock.setTimeout(() => untilDone(() => removeIfLeft(name)), afterMs);
  }

  return {
    use: (fingerprint, pool, read) => {
      const name = `${NAME_PREFIX}${fingerprint.slice(0, NAME_DIGITS)}`;
      return locks.run(name, async () => {
        try {
          await createAnew(name, fingerprint, pool);
          return await read(name);
        } catch (error) {
          // LXD may come round to a creation whose answer was lost, soon or late
          for (const afterMs of [RETRY_MS, LATE_MS]) removeLater(name, afterMs);
          throw error;
        } finally {
          await remove(name).catch(() => removeLater(name));
        }
      });
    },
    tidyUp: () => {
      untilDone(removeAllLeft);
      clock.setTimeout(() => untilDone(removeAllLeft), LATE_MS);
    },
  };
}

function instanceOf(name: string, fingerprint: string, pool: string) {
  return {
    name,
    description: "lxe reads the users of an image here; never started, deleted at once",
    type: "container" as const,
    profiles: [],
    config: { "boot.autostart": "false", [MARK]: "true" },
    devices: { root: { type: "disk", path: "/", pool } },
    source: { type: "image" as const, fingerprint },
  };
}

async function unlessMissing<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isLxdError(error, "not-found")) return undefined;
    throw error;
  }
}
