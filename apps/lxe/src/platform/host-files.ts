/**
 * The few file operations on the host that lxe needs, as an interface: a simulation, or a test that breaks a disk at
 * a chosen point, puts its own in place. Owns no path names.
 */

export type FileKind = "file" | "directory" | "symlink" | "socket" | "other";

export interface FileInfo {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Bytes that the file takes on disk; less than the size where it has holes. */
  readonly allocatedBytes: number;
  readonly inode: bigint;
  /** How many names it has; 0 when it was removed while open. */
  readonly links: number;
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedNs: bigint;
}

export interface ResolvedPath {
  /** Without symbolic links. */
  readonly path: string;
  readonly kind: "file" | "directory" | "char" | "block" | "other";
}

/** An open file. Every operation acts on the file that was opened, whatever happens to its name. */
export interface HostFile {
  /** Fills the buffer from `position`; returns how many bytes there were, 0 at the end of the file. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** The same at once, of what was written just now and is in memory still: a thread's turn takes longer. Else all of lxe would wait for a disk. */
  readNow(buffer: Uint8Array, position: number): number;
  /** One write(2), at the end of a file opened for appending. Returns how many bytes went in: fewer on a full disk. */
  write(bytes: Uint8Array): Promise<number>;
  stat(): Promise<FileInfo>;
  truncate(sizeBytes: number): Promise<void>;
  /** Gives the blocks of the range back to the file system: it reads as zeros, the size stays. */
  punchHole(offset: number, lengthBytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface WriteFileOptions {
  /** Default 0o600. */
  readonly mode?: number;
  /** Both ids, or the process's own. */
  readonly owner?: FileOwner;
  /** Wait until file and directory are on the disk. Default false: enough to survive the end of a process. */
  readonly sync?: boolean;
}

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Of a file that was not there. */
export interface NewFileOptions {
  /** Exactly, as far as a umask takes nothing from the owner. */
  readonly mode: number;
  /** Both ids, or the process's own. */
  readonly owner?: FileOwner | undefined;
}

export interface TmpfsOptions {
  readonly sizeBytes: number;
  readonly mode: number;
}

export interface FileWatch {
  close(): void;
}

/** Errors are Node's, with `code` (ENOENT, ENOSPC …). "Missing" is a result where the return type says so. */
export interface HostFiles {
  /** Creates the directory with exactly `mode` (default 0o755), and its parents with 0o755. One that exists keeps its mode. */
  makeDirectory(path: string, mode?: number): Promise<void>;
  /** Writes beside the file and renames: readers see the old content or the new one. */
  writeFile(path: string, content: Uint8Array | string, options?: WriteFileOptions): Promise<void>;
  /** The same for a name that nothing has and nobody knows before this call is over: no more than that takes. */
  writeNewFile(path: string, content: Uint8Array, options: NewFileOptions): Promise<void>;
  /** Undefined when there is no such file. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** Removes a file or a directory with all it holds; a missing one is fine. Does not follow symbolic links. */
  removeTree(path: string): Promise<void>;
  /** Removes what is no directory; a missing one is fine. */
  removeFile(path: string): Promise<void>;
  /** Names in the directory; none when it is missing. */
  list(path: string): Promise<string[]>;
  /** Does not follow a symbolic link. Undefined when nothing is there. */
  stat(path: string): Promise<FileInfo | undefined>;
  /** Follows symbolic links; undefined where nothing is. */
  resolve(path: string): Promise<ResolvedPath | undefined>;
  /**
   * Opens a regular file for reading; undefined when there is none. Never follows a symbolic link in the last place
   * and never blocks: whoever writes the file may be hostile, so a link, a pipe or a device there counts as none.
   */
  openForReading(path: string): Promise<HostFile | undefined>;
  /** Opens for appending, created with exactly `mode` if missing. Can be read, too. */
  openForAppending(path: string, mode: number): Promise<HostFile>;
  /** The same for a name that nothing has. */
  openNewForAppending(path: string, options: NewFileOptions): Promise<HostFile>;
  /** The same for a file that must exist; undefined when it does not. */
  openExistingForAppending(path: string): Promise<HostFile | undefined>;
  /** Calls back with the name of a file in the directory that changed, or undefined when that is not known. */
  watch(directory: string, onChange: (name: string | undefined) => void): FileWatch;
  isMountPoint(path: string): Promise<boolean>;
  /** False when this process may not mount (not root): the caller goes on with the plain directory. */
  mountTmpfs(path: string, options: TmpfsOptions): Promise<boolean>;
  /** Unmounts if something is mounted there. */
  unmount(path: string): Promise<void>;
}
