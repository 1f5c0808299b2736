/** lxe's files in a simulation: {@link HostFiles}, mounts and unix sockets on the disk in memory, as one life of lxe sees them. */
import {
  type FileInfo,
  type HostFile,
  type HostFiles,
  initListener,
  type InitListener,
  type InitSockets,
  type NewFileOptions,
  type Platform,
} from "lxe";
import { type Duplex, duplexPair } from "node:stream";
import { type Disk, diskError, type DiskNode } from "./disk.ts";
import type { Life } from "./life.ts";

const NS_PER_MS = 1_000_000;

function infoOf(node: DiskNode): FileInfo {
  return {
    kind: node.kind,
    sizeBytes: node.size,
    allocatedBytes: node.size,
    inode: BigInt(node.inode),
    links: node.links,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    modifiedNs: BigInt(Math.round(node.modifiedMs * NS_PER_MS)),
  };
}

function bytesOf(content: string | Uint8Array): Buffer {
  if (typeof content === "string") return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.length);
}

function openFile(life: Life, disk: Disk, node: DiskNode): HostFile {
  return {
    read: (buffer, position) => life.pass("read", () => disk.read(node, buffer, position)),
    readNow: (buffer, position) => disk.read(node, buffer, position),
    write: (bytes) => life.pass(`append ${node.name}`, () => disk.write(node, bytes, null)),
    stat: () => life.pass("fstat", () => infoOf(node)),
    truncate: (size) => life.pass(`truncate ${node.name}`, () => disk.truncate(node, size)),
    punchHole: (offset, length) => life.pass(`punch ${node.name}`, () => disk.punch(node, offset, length)),
    close: () => life.pass("close", () => undefined),
  };
}

export function hostFilesOn(life: Life, disk: Disk): HostFiles {
  const open = (node: DiskNode | undefined): HostFile | undefined =>
    node?.kind === "file" ? openFile(life, disk, node) : undefined;
  const writeFile: HostFiles["writeFile"] = async (path, content, options = {}) => {
    const nameAt = path.lastIndexOf("/") + 1;
    const temporary = `${path.slice(0, nameAt)}.${path.slice(nameAt)}.${disk.nextNumber()}.tmp`;
    await life.pass(`write ${temporary}`, () => {
      const node = disk.create(temporary, "file", options.mode ?? 0o600);
      if (options.owner) Object.assign(node, options.owner);
      disk.fill(node, bytesOf(content));
    });
    await life.pass(`rename to ${path}`, () => disk.rename(temporary, path));
  };
  const create = (path: string, { mode, owner }: NewFileOptions): Promise<DiskNode> =>
    life.pass(`create ${path}`, () => Object.assign(disk.create(path, "file", mode), owner));
  return {
    makeDirectory: (path, mode = 0o755) => life.pass("mkdir", () => void disk.makeDirectories(path, mode)),
    writeFile,
    writeNewFile: async (path, content, options) => {
      const node = await create(path, options);
      await life.pass(`fill ${path}`, () => disk.fill(node, bytesOf(content)));
    },
    readFile: (path) =>
      life.pass("read file", () => {
        const node = disk.find(path);
        if (node?.kind === "directory") throw diskError("EISDIR", path);
        return node && disk.contentOf(node);
      }),
    removeTree: (path) => life.pass(`remove ${path}`, () => disk.remove(path)),
    removeFile: (path) =>
      life.pass(`unlink ${path}`, () => {
        if (disk.find(path)) disk.unlink(path);
      }),
    list: (path) => life.pass("readdir", () => [...(disk.find(path)?.children.keys() ?? [])]),
    stat: (path) =>
      life.pass("stat", () => {
        const node = disk.find(path);
        return node && infoOf(node);
      }),
    resolve: (path) =>
      life.pass("realpath", () => {
        const node = disk.find(path);
        return node && { path, kind: node.kind === "directory" ? "directory" : "file" };
      }),
    openForReading: (path) => life.pass("open", () => open(disk.find(path))),
    openForAppending: (path, mode) =>
      life.pass(`open ${path}`, () => openFile(life, disk, disk.find(path) ?? disk.create(path, "file", mode))),
    openNewForAppending: async (path, options) => openFile(life, disk, await create(path, options)),
    openExistingForAppending: (path) => life.pass("open", () => open(disk.find(path))),
    watch: (directory, onChange) => watch(life, disk.get(directory), onChange),
    // without root there is no tmpfs; lxe goes on with the directory
    isMountPoint: async () => false,
    mountTmpfs: async () => false,
    unmount: async () => undefined,
  };
}

/** Changes are told by microtask, never from within the write. */
function watch(life: Life, directory: DiskNode, onChange: (name: string | undefined) => void): { close(): void } {
  let open = true;
  const told = (name: string): void => {
    queueMicrotask(() => {
      if (open && life.alive) onChange(name);
    });
  };
  const close = (): void => {
    open = false;
    directory.watchers.delete(told);
    forget();
  };
  const forget = life.onEnd(close);
  directory.watchers.add(told);
  return { close };
}

/** Everything is reachable, so there is nothing to mount. */
export const hostMounts: Platform["mounts"] = {
  isReachable: async () => true,
  bind: async () => undefined,
  release: async () => undefined,
  unmount: async () => undefined,
};

export function initSocketsOn(life: Life, disk: Disk): InitSockets {
  return { listen: (path) => listen(life, disk, path) };
}

async function listen(life: Life, disk: Disk, path: string): Promise<InitListener> {
  const listener = await initListener((onConnection) =>
    life.pass(`listen ${path}`, () => listenOn(life, disk, path, onConnection)),
  );
  const whileAlive = async (told: Promise<Buffer>): Promise<Buffer> => {
    try {
      return await told;
    } finally {
      if (!life.alive) await new Promise(() => undefined);
    }
  };
  return new SimulatedListener(listener, whileAlive);
}

class SimulatedListener implements InitListener {
  readonly #listener: InitListener;
  readonly #whileAlive: (told: Promise<Buffer>) => Promise<Buffer>;

  constructor(listener: InitListener, whileAlive: (told: Promise<Buffer>) => Promise<Buffer>) {
    this.#listener = listener;
    this.#whileAlive = whileAlive;
  }

  report(signal: AbortSignal): Promise<Buffer> {
    return this.#whileAlive(this.#listener.report(signal));
  }

  first(count: number, signal: AbortSignal): Promise<Buffer> {
    return this.#whileAlive(this.#listener.first(count, signal));
  }

  renew(answer: Promise<Uint8Array>): void {
    this.#listener.renew(answer);
  }

  get hasEnded(): boolean {
    return this.#listener.hasEnded;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#listener[Symbol.asyncDispose]();
  }
}

function listenOn(life: Life, disk: Disk, path: string, onConnection: (connection: Duplex) => void): AsyncDisposable {
  disk.remove(path);
  const node = disk.create(path, "socket", 0o666);
  const open = new Set<Duplex>();
  node.accept = () => {
    const [ours, theirs] = duplexPair();
    open.add(ours);
    ours.once("close", () => open.delete(ours));
    onConnection(ours);
    return theirs;
  };
  const close = (): void => {
    node.accept = undefined;
    for (const connection of open) connection.destroy();
  };
  const forget = life.onEnd(close);
  return {
    [Symbol.asyncDispose]: async () => {
      close();
      forget();
      await life.pass(`remove ${path}`, () => {
        if (disk.find(path) === node) disk.remove(path);
      });
    },
  };
}
