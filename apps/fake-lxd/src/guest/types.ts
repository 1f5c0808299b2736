/**
 * The seam between the fake daemon (`kernel/`, `fabric/`) and what runs inside its instances (`guest/`).
 *
 * The daemon owns: instance configuration, raw.lxc parsing, addresses and leases, operations, lxc.log.
 * The guest kernel owns: file trees, mounts inside the guest, processes, signals, terminals, sockets between guests.
 * Only plain data and the interfaces below cross. `guest/index.ts` exports
 * `createGuestKernel: (options: GuestKernelOptions) => GuestKernel`.
 *
 * Ids inside a tree and in a spec are the guest's own (0 is the guest's root); `idmapBase` says where they lie on the host.
 */
import type { Duplex, Readable, Writable } from "node:stream";
import type { Clock, Host, Random } from "../platform/types.ts";

export interface GuestKernelOptions {
  clock: Clock;
  random: Random;
  host: Host;
  /** What `uname -r` and /proc/version say. */
  kernelVersion: string;
  /** `x86_64` or `aarch64`. */
  architecture: string;
  /** Takes the lines that the kernel's log would get. */
  log?: (line: string) => void;
}

/** One kernel serves every instance of a daemon, and outlives the daemon's crash: guests go on running. */
export interface GuestKernel {
  /** Builds a tree from archive entries in archive order (later ones replace earlier ones; parents are made if missing). */
  createRootfs(entries: Iterable<RootfsEntry>): FileTree;
  /**
   * Mounts, then starts init. Resolves as soon as init exists, even if it ends at once.
   * Rejects with a `GuestStartError` when a mount fails or init cannot be executed.
   */
  start(spec: GuestSpec): Promise<Guest>;
  /** As from the host's network, to an address of a guest. ECONNREFUSED, EHOSTUNREACH. */
  connect(address: string, port: number): Promise<Duplex>;
  /** Ends every guest at once and frees what they hold on the host. */
  close(): Promise<void>;
}

/** One member of an image archive, or of `FileTree.entries()`. */
export interface RootfsEntry {
  /** Relative to the root of the tree, without `./` before it or `/` behind it. */
  path: string;
  type: "file" | "directory" | "symlink" | "hardlink" | "character-device" | "block-device" | "fifo";
  /** Permission bits with setuid, setgid and sticky: at most 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds since the epoch. */
  mtimeMs: number;
  /** Target of a symlink (as is) or of a hardlink (a path of this tree). */
  linkTarget?: string;
  /** Content of a file. */
  data?: Uint8Array;
  deviceMajor?: number;
  deviceMinor?: number;
}

/** A guest file system seen as one tree. Paths are absolute; symlinks in the middle are followed inside the tree. */
export interface FileView {
  /** About the path itself: a symlink at its end is not followed. Null when nothing is there. */
  lstat(path: string): Promise<FileStat | null>;
  readFile(path: string): Promise<Uint8Array>;
  readLink(path: string): Promise<string>;
  /** Names, sorted. */
  list(path: string): Promise<string[]>;
  /** Makes the file, or replaces (or appends to) its content; mode and ids apply to a new file only. */
  writeFile(path: string, data: Uint8Array, options: FileAttributes & { append?: boolean }): Promise<void>;
  mkdir(path: string, options: FileAttributes): Promise<void>;
  symlink(target: string, path: string, options: Pick<FileAttributes, "uid" | "gid">): Promise<void>;
  /** A file, a link or an empty directory. */
  remove(path: string): Promise<void>;
  setAttributes(path: string, attributes: Partial<FileAttributes>): Promise<void>;
}

export interface FileAttributes {
  mode: number;
  uid: number;
  gid: number;
}

export interface FileStat extends FileAttributes {
  type: "file" | "directory" | "symlink" | "character-device" | "block-device" | "fifo" | "socket";
  sizeBytes: number;
  mtimeMs: number;
}

/** An instance's own root file system: kept across starts, without its mounts. */
export interface FileTree extends FileView {
  clone(): FileTree;
  entries(): Iterable<RootfsEntry>;
  /** Sum of file contents. */
  sizeBytes(): number;
}

/** What a `FileView` method fails with. */
export interface GuestFileError extends Error {
  code:
    | "ENOENT"
    | "ENOTDIR"
    | "EISDIR"
    | "EEXIST"
    | "ENOTEMPTY"
    | "EROFS"
    | "EACCES"
    | "ENOSPC"
    | "EINVAL"
    | "ELOOP"
    | "EBUSY";
}

export interface GuestSpec {
  name: string;
  hostname: string;
  rootfs: FileTree;
  rootfsReadonly: boolean;
  /** Already split; the first word is a path inside the guest. */
  initArgv: string[];
  uid: number;
  gid: number;
  /** Working directory of init. */
  cwd: string;
  /** The whole environment of init: `container=lxc` and what the instance sets. */
  env: Record<string, string>;
  /** In mount order. /proc, /sys and /dev are the guest kernel's own and not listed. */
  mounts: GuestMount[];
  namespaces: GuestNamespaces;
  /** Empty when the network namespace is shared. */
  interfaces: GuestInterface[];
  /** `pty`: stdin, stdout and stderr of init are one terminal, `Guest.console`. `none`: they are /dev/null. */
  console: "pty" | "none";
  security: GuestSecurity;
  limits: GuestLimits;
  sysctls: Record<string, string>;
  oomScoreAdj?: number;
  /** Path of the guest's cgroup below the hierarchy's root, for /proc/<pid>/cgroup. */
  cgroupPath: string;
}

export interface GuestMount {
  /** `bind`: `source` is a host path. `tmpfs`: `source` is ignored. `guest-proc`, `guest-sys`, `mqueue`: as named. */
  type: "bind" | "tmpfs" | "guest-proc" | "guest-sys" | "mqueue";
  source: string;
  /** Absolute path inside the guest. */
  target: string;
  readonly: boolean;
  /** Submounts of the source come along. */
  recursive: boolean;
  /** Make the mount point when it is missing. */
  create?: "dir" | "file";
  /** A missing source is no error; the mount is left out. */
  optional: boolean;
  /** Host ids are taken as guest ids; without it they are shifted by `idmapBase`, and foreign ones show as 65534. */
  idmapped: boolean;
  /** All options as written (for tmpfs: `size=64m`, `mode=1777`, ...; `noexec`, `nosuid`, ... for /proc/mounts). */
  options: string[];
}

/** A guest: its namespace is joined. `host`: the host's. Absent: a new one. The mount and cgroup ones are always new. */
export interface GuestNamespaces {
  net?: Guest | "host";
  ipc?: Guest | "host";
  uts?: Guest | "host";
  pid?: Guest | "host";
  user?: Guest | "host";
}

export interface GuestInterface {
  name: string;
  /** `aa:bb:cc:dd:ee:ff` */
  hwaddr: string;
  /** Name of the host side of the pair. */
  hostName: string;
  mtu: number;
  /** The bridge; guests on one bridge reach one another. */
  network: string;
  /** Addresses with prefix length (`10.0.0.5/24`) that are there before init starts. */
  addresses: string[];
  gateway?: string;
  /** What a DHCP client in the guest gets; null: nobody answers. Each call renews the same lease. */
  requestLease(): DhcpLease | null;
}

export interface DhcpLease {
  /** With prefix length. */
  address: string;
  gateway: string;
  nameservers: string[];
  domain: string;
}

/** The number of the error that a system call fails with; undefined where it may go on. */
export type SeccompFilter = (call: string, args: readonly number[]) => number | undefined;

export interface GuestSecurity {
  privileged: boolean;
  /** Host id of the guest's id 0; 0 when privileged. */
  idmapBase: number;
  /** Number of ids. */
  idmapSize: number;
  /** Lower case without `CAP_`. Present: only these. */
  capKeep?: string[];
  capDrop: string[];
  noNewPrivs: boolean;
  /** Undefined: no filter. */
  seccomp: SeccompFilter | undefined;
  apparmorProfile?: string;
}

export interface GuestLimits {
  memoryBytes?: number;
  pids?: number;
}

/** A started instance. All methods may be called after its end; then they fail or do nothing, as a host would. */
export interface Guest {
  readonly name: string;
  /**
   * Init as the host numbers it: unique among all guests that a kernel starts, and always above 4194304 (the largest pid
   * that Linux can have), so that a `kill` by somebody who takes it for a host process hits nothing.
   */
  readonly pid: number;
  readonly running: boolean;
  /** The end of init, and of all else in its cgroup: with a shared PID namespace LXC would leave the rest, and lxe end it by the cgroup. */
  readonly exited: Promise<GuestExit>;
  /** The file tree with the guest's mounts on it. */
  readonly files: FileView;
  /** Null when the spec says `none`. Bytes as on a terminal's master side. */
  readonly console: GuestConsole | null;
  /** Rejects with a `GuestExecError` when the command cannot be executed. A missing `cwd` becomes `/`. */
  exec(spec: GuestExecSpec): Promise<GuestProcess>;
  /** Signals init; `signal` is a number. A pid namespace's init ignores what it has no handler for, except 9 and 19. */
  kill(signal: number): void;
  freeze(): void;
  unfreeze(): void;
  /** Everything in the guest's cgroup: init, its children and exec'd commands. `pid` is the host's number. */
  processes(): { pid: number; argv: string[] }[];
  usage(): { memoryBytes: number; memoryPeakBytes: number; cpuNs: number };
  setLimits(limits: GuestLimits): void;
  /** Hot plug. */
  mount(mount: GuestMount): Promise<void>;
  unmount(target: string): Promise<void>;
  /** A nic that comes while the guest runs: it is down and has no address, whatever the interface says. */
  plug(nic: GuestInterface): void;
  unplug(name: string): void;
  /** Of the network namespace that the guest is in, `lo` included. */
  networkState(): GuestInterfaceState[];
  /** TCP to a listener in the guest's network namespace; `address` defaults to 127.0.0.1. Fails with ECONNREFUSED. */
  connect(port: number, address?: string): Promise<Duplex>;
  /** A TCP listener in the guest's network namespace that is served from outside. Fails with EADDRINUSE. */
  listen(port: number, address: string, onConnection: (connection: Duplex) => void): Promise<Disposable>;
}

export type GuestExit = { code: number } | { signal: number };

export interface GuestConsole {
  /** What the guest writes, from its start on. Emits `end` when the guest ends. Never blocks the guest. */
  readonly output: Readable;
  /** Typed by somebody at the terminal. */
  readonly input: Writable;
  resize(columns: number, rows: number): void;
}

export interface GuestExecSpec {
  /** The first word is looked up in PATH of `env` when it has no slash. */
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  uid: number;
  gid: number;
  /** Null is /dev/null. Its end is the process's end of file. */
  stdin: Readable | null;
  /** Backpressure is honoured. The guest kernel never ends these; `GuestProcess.outputClosed` says when no writer is left. */
  stdout: Writable;
  stderr: Writable;
  /** Present: one terminal; everything goes to `stdout`. */
  tty?: { columns: number; rows: number };
}

export interface GuestProcess {
  /** As the host numbers it. */
  readonly pid: number;
  readonly exited: Promise<GuestExit>;
  /** Resolves when the last process that holds stdout or stderr is gone (with a background child: after `exited`). */
  readonly outputClosed: Promise<void>;
  kill(signal: number): void;
  resize(columns: number, rows: number): void;
}

export interface GuestInterfaceState {
  name: string;
  type: "loopback" | "broadcast";
  up: boolean;
  hwaddr: string;
  /** Empty for `lo`. */
  hostName: string;
  mtu: number;
  addresses: { family: "inet" | "inet6"; address: string; prefix: number; scope: "local" | "global" | "link" }[];
  bytesReceived: number;
  bytesSent: number;
  packetsReceived: number;
  packetsSent: number;
}

/** Why a guest could not be started: `log` are the lines that LXC would put into its log, most specific first. */
export class GuestStartError extends Error {
  readonly log: { source: string; message: string }[];

  constructor(message: string, log: { source: string; message: string }[]) {
    super(message);
    this.name = "GuestStartError";
    this.log = log;
  }
}

/** `ENOENT`: no such command (LXD: 127). `EACCES`: not executable (126). `EAGAIN`: the pids limit. */
export class GuestExecError extends Error {
  readonly code: "ENOENT" | "EACCES" | "EAGAIN";

  constructor(code: "ENOENT" | "EACCES" | "EAGAIN", message: string) {
    super(message);
    this.name = "GuestExecError";
    this.code = code;
  }
}
