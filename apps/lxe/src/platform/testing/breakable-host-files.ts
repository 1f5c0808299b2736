/**
 * Host files that break at a chosen operation: as if the process were killed there (nothing works from then on), or as
 * if the disk were full for that one operation, of which a write may tell by its result (`short-write`) or by an error.
 * What is broken may be half done: a part of a write gets through, a file is renamed although the caller never learns.
 */
import type { HostFile, HostFiles } from "../host-files.ts";

export interface Break {
  /** How many operations that change something succeed before. */
  readonly afterChanges: number;
  readonly kind: "kill" | "disk-full" | "short-write";
  /** How much of the broken operation takes effect, from 0 to 1. */
  readonly done: number;
}

export interface BreakableHostFiles extends HostFiles {
  /** Replaces a break that was planned before; undefined: none. */
  plan(next: Break | undefined): void;
  /** The process is dead. */
  readonly killed: boolean;
}

class DiskFullError extends Error {
  readonly code = "ENOSPC";
}

async function writePart(file: HostFile, bytes: Uint8Array, done: number): Promise<number> {
  const part = bytes.subarray(0, Math.floor(bytes.length * done));
  return part.length === 0 ? 0 : await file.write(part);
}

export function breakableHostFiles(inner: HostFiles): BreakableHostFiles {
  let planned: Break | undefined;
  let changesLeft = 0;
  let killed = false;

  function assertAlive(): void {
    if (killed) throw new Error("killed");
  }

  /** Runs a change, or as much of it as the plan allows. */
  async function change<Result>(
    whole: () => Promise<Result>,
    partly: (done: number) => Promise<Result | undefined>,
  ): Promise<Result> {
    assertAlive();
    if (planned === undefined || changesLeft > 0) {
      changesLeft -= 1;
      return await whole();
    }
    const { kind, done } = planned;
    planned = undefined;
    killed = kind === "kill";
    const result = await partly(done);
    if (kind === "short-write" && result !== undefined) return result;
    throw kind === "kill" ? new Error("killed") : new DiskFullError("no space left on device");
  }

  /** All or nothing, but the caller does not learn which. */
  function atomically<Result>(action: () => Promise<Result>): Promise<Result> {
    return change(action, async (done) => (done < 0.5 ? undefined : await action()));
  }

  function breakable(file: HostFile): HostFile {
    return {
      readNow: (buffer, position) => {
        assertAlive();
        return file.readNow(buffer, position);
      },
      read: async (buffer, position) => {
        assertAlive();
        return await file.read(buffer, position);
      },
      write: (bytes) =>
        change(
          () => file.write(bytes),
          (done) => writePart(file, bytes, done),
        ),
      stat: async () => {
        assertAlive();
        return await file.stat();
      },
      truncate: (sizeBytes) => atomically(() => file.truncate(sizeBytes)),
      punchHole: (offset, lengthBytes) => atomically(() => file.punchHole(offset, lengthBytes)),
      close: () => file.close(),
    };
  }

  async function openBroken(open: () => Promise<HostFile>): Promise<HostFile> {
    const opened = await change(open, async (done) => {
      if (done >= 0.5) await (await open()).close();
      return undefined;
    });
    return breakable(opened);
  }

  async function unlessKilled<Result>(action: () => Promise<Result>): Promise<Result> {
    assertAlive();
    return await action();
  }

  async function openUnlessKilled(open: () => Promise<HostFile | undefined>): Promise<HostFile | undefined> {
    const file = await unlessKilled(open);
    return file === undefined ? undefined : breakable(file);
  }

  return {
    ...inner,
    get killed() {
      return killed;
    },
    plan: (next) => {
      planned = next;
      changesLeft = next?.afterChanges ?? 0;
    },
    makeDirectory: (path, mode) => atomically(() => inner.makeDirectory(path, mode)),
    writeFile: (path, content, options) => atomically(() => inner.writeFile(path, content, options)),
    writeNewFile: (path, content, options) => atomically(() => inner.writeNewFile(path, content, options)),
    readFile: (path) => unlessKilled(() => inner.readFile(path)),
    removeTree: (path) => atomically(() => inner.removeTree(path)),
    removeFile: (path) => atomically(() => inner.removeFile(path)),
    list: (path) => unlessKilled(() => inner.list(path)),
    stat: (path) => unlessKilled(() => inner.stat(path)),
    openForReading: (path) => openUnlessKilled(() => inner.openForReading(path)),
    openExistingForAppending: (path) => openUnlessKilled(() => inner.openExistingForAppending(path)),
    openForAppending: (path, mode) => openBroken(() => inner.openForAppending(path, mode)),
    openNewForAppending: (path, options) => openBroken(() => inner.openNewForAppending(path, options)),
  };
}
