import { type Actor } from "../sys/files.ts";
import type { FileAttributes, FileStat, FileView } from "../types.ts";
export declare class FileAccess implements FileView {
  #private;
  constructor(actor: Actor);
  lstat(path: string): Promise<FileStat | null>;
  readFile(path: string): Promise<Uint8Array>;
  readLink(path: string): Promise<string>;
  list(path: string): Promise<string[]>;
  writeFile(
    path: string,
    data: Uint8Array,
    options: FileAttributes & {
      append?: boolean;
    },
  ): Promise<void>;
  mkdir(path: string, options: FileAttributes): Promise<void>;
  symlink(target: string, path: string, { uid, gid }: Pick<FileAttributes, "uid" | "gid">): Promise<void>;
  remove(path: string): Promise<void>;
  setAttributes(path: string, { mode, uid, gid }: Partial<FileAttributes>): Promise<void>;
}
