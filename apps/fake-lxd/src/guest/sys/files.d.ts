import { type OpenFile } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { type FileType, type Stat } from "../vfs/types.ts";
import { type View } from "../vfs/walk.ts";
/** A process, or the host at work on a guest's files. */
export interface Actor extends View {
  readonly umask: number;
  alive(): void;
}
export declare function stat(actor: Actor, path: string): Stat;
export declare function lstat(actor: Actor, path: string): Stat;
export declare function exists(actor: Actor, path: string): boolean;
/** As access(2): throws when one of the wanted rights is missing. */
export declare function access(actor: Actor, path: string, wanted: number): void;
export declare function realpath(actor: Actor, path: string): string;
export declare function readlink(actor: Actor, path: string): string;
/** Names in byte order, without `.` and `..`. */
export declare function readdir(actor: Actor, path: string): string[];
export declare function open(process: Process, path: string, flags: number, mode?: number): Promise<OpenFile>;
/** Everything of `open` but the waiting. */
export declare function openNow(actor: Actor, path: string, flags: number, mode?: number): OpenFile;
export declare function mkdir(actor: Actor, path: string, mode?: number): void;
export declare function symlink(actor: Actor, target: string, path: string): void;
export declare function mkfifo(actor: Actor, path: string, mode?: number): void;
export declare function mknod(actor: Actor, path: string, type: FileType, mode: number, rdev: number): void;
export declare function link(actor: Actor, from: string, to: string): void;
export declare function unlink(actor: Actor, path: string): void;
export declare function rmdir(actor: Actor, path: string): void;
export declare function rename(actor: Actor, from: string, to: string): void;
export declare function chmod(actor: Actor, path: string, mode: number): void;
export declare function chown(
  actor: Actor,
  path: string,
  uid: number | undefined,
  gid: number | undefined,
  follow?: boolean,
): void;
/** Sets the modification time; whoever may write may set it to now. */
export declare function utimes(actor: Actor, path: string, mtimeMs: number, isNow: boolean): void;
export declare function chdir(process: Process, path: string): void;
