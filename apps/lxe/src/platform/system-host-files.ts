/** {@link HostFiles} on the real host. */
import { chmod, constants, lstat, mkdir, open, readdir, readFile, rename, rm, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { readSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FileInfo, FileWatch, HostFile, HostFiles, NewFileOptions, WriteFileOptions } from "./host-files.ts";
import { fileInfoOf } from "./file-info.ts";
import { hasCode } from "./has-code.ts";
import { isMountPoint, mountTmpfs, unmount } from "./mounts.ts";
import { resolvePath } from "./resolve-path.ts";
import { runCommand } from "./run-command.ts";

const DIRECTORY_MODE = 0o755;
const FILE_MODE = 0o600;
/** What umasks are for. */
const OTHERS_MODE = 0o077;
const APPEND_FLAGS = constants.O_RDWR | constants.O_APPEND;
const PUNCH_TIMEOUT_MS = 60_000;
/** Numbers the temporary files of this process. */
let temporaryFiles = 0;

async function unlessMissing<Value, Fallback>(
  operation: Promise<Value>,
  fallback: Fallback,
): Promise<Value | Fallback> {
  try {
    return await operation;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return fallback;
    throw error;
  }
}

async function makeDirectory(path: string, mode: number = DIRECTORY_MODE): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true });
  // Exactly the mode, whatever the umask.
  if (firstMade !== undefined) await chmod(path, mode);
}

class SystemHostFile implements HostFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
    return bytesRead;
  }

  readNow(buffer: Uint8Array, position: number): number {
    return readSync(this.#handle.fd, buffer, 0, buffer.length, position);
  }

  async write(bytes: Uint8Array): Promise<number> {
    const { bytesWritten } = await this.#handle.write(bytes);
    return bytesWritten;
  }

  async stat(): Promise<FileInfo> {
    return fileInfoOf(await this.#handle.stat({ bigint: true }));
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.#handle.truncate(sizeBytes);
  }

  async punchHole(offset: number, lengthBytes: number): Promise<void> {
    // Node has no fallocate(2). By descriptor, not by name: the name may be a hostile container's to change.
    await runCommand(
      "fallocate",
      ["--punch-hole", "--offset", String(offset), "--length", String(lengthBytes), "/proc/self/fd/3"],
      { extraFd: this.#handle.fd, timeoutMs: PUNCH_TIMEOUT_MS },
    );
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function fillTemporary(path: string, content: Uint8Array | string, options: WriteFileOptions): Promise<void> {
  const handle = await open(path, "wx", FILE_MODE);
  try {
    await handle.writeFile(content);
    if (options.owner !== undefined) await handle.chown(options.owner.uid, options.owner.gid);
    // After chown, which clears set-id bits; and open's mode is subject to the umask.
    await handle.chmod(options.mode ?? FILE_MODE);
    if (options.sync === true) await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  options: WriteFileOptions = {},
): Promise<void> {
  temporaryFiles += 1;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${temporaryFiles}.tmp`);
  try {
    await fillTemporary(temporary, content, options);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (options.sync === true) await syncDirectory(dirname(path));
}

async function openNew(path: string, flags: number, { mode, owner }: NewFileOptions): Promise<FileHandle> {
  const handle = await open(path, flags | constants.O_CREAT | constants.O_EXCL, mode);
  try {
    if (owner !== undefined) await handle.chown(owner.uid, owner.gid);
    if ((mode & OTHERS_MODE) !== 0) await handle.chmod(mode);
    return handle;
  } catch (error) {
    await handle.close();
    await unlink(path);
    throw error;
  }
}

async function writeNewFile(path: string, content: Uint8Array, options: NewFileOptions): Promise<void> {
  const handle = await openNew(path, constants.O_WRONLY, options);
  try {
    await handle.writeFile(content);
    await handle.close();
  } catch (error) {
    await handle.close();
    await unlink(path);
    throw error;
  }
}

async function openForReading(path: string): Promise<HostFile | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // ELOOP: a symbolic link. ENXIO: a socket.
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO")) return undefined;
    throw error;
  }
  const isFile = await handle.stat().then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (isFile) return new SystemHostFile(handle);
  await handle.close();
  return undefined;
}

async function openForAppending(path: string, mode: number): Promise<HostFile> {
  try {
    const handle = await open(path, APPEND_FLAGS | constants.O_CREAT | constants.O_EXCL, mode);
    // Whatever the umask made of it.
    await handle.chmod(mode);
    return new SystemHostFile(handle);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    return new SystemHostFile(await open(path, APPEND_FLAGS));
  }
}

async function openExistingForAppending(path: string): Promise<HostFile | undefined> {
  const handle = await unlessMissing(open(path, APPEND_FLAGS), undefined);
  return handle === undefined ? undefined : new SystemHostFile(handle);
}

function watchDirectory(directory: string, onChange: (name: string | undefined) => void): FileWatch {
  const watcher = watch(directory, { persistent: false }, (_event, name) => onChange(name ?? undefined));
  // The directory is gone: nothing more will change in it.
  watcher.on("error", () => watcher.close());
  return watcher;
}

/** Creates the host files of a real process. */
export function createSystemHostFiles(): HostFiles {
  return {
    makeDirectory,
    writeFile: writeFileAtomically,
    writeNewFile,
    readFile: (path) => unlessMissing(readFile(path), undefined),
    removeTree: (path) => rm(path, { recursive: true, force: true }),
    removeFile: (path) => unlessMissing(unlink(path), undefined),
    list: (path) => unlessMissing(readdir(path), []),
    stat: (path) => unlessMissing(lstat(path, { bigint: true }).then(fileInfoOf), undefined),
    resolve: resolvePath,
    openForReading,
    openForAppending,
    openNewForAppending: async (path, options) => new SystemHostFile(await openNew(path, APPEND_FLAGS, options)),
    openExistingForAppending,
    watch: watchDirectory,
    isMountPoint,
    mountTmpfs,
    unmount,
  };
}
