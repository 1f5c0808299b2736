/** A file system whose files are made when they are looked at. Subclasses say what there is; this does the rest, read-only. */
import { Errno } from "../core/errno.ts";
import type { OpenFile } from "../core/open-file.ts";
import { TextFile } from "./text-file.ts";
import { type Asker, type FileSystem, modeOf, type NodeId, type Rights, type Stat } from "./types.ts";

/** What is at a path. */
export type Generated =
  | { type: "directory"; names: () => string[]; mode?: number; uid?: number; gid?: number }
  | { type: "file"; text: () => string; write?: (data: Buffer) => void; mode?: number; uid?: number; gid?: number }
  | { type: "symlink"; target: () => string; magic?: () => OpenFile | undefined; uid?: number; gid?: number };

export abstract class GeneratedFs implements FileSystem {
  abstract readonly type: string;
  readonly readonly = false;
  readonly #now: () => number;
  readonly #device: number;

  constructor(now: () => number, device: number) {
    this.#now = now;
    this.#device = device;
  }

  /** What is at `path` (no slash at either end; empty: the root), undefined if nothing. */
  protected abstract at(path: string, asker: Asker): Generated | undefined;

  stat(node: NodeId, asker: Asker): Stat {
    const now = this.#now();
    return {
      ...this.rights(node, asker),
      dev: this.#device,
      ino: inodeNumber(node as string),
      nlink: 1,
      rdev: 0,
      size: 0,
      mtimeMs: now,
      ctimeMs: now,
      atimeMs: now,
    };
  }

  rights(node: NodeId, asker: Asker): Rights {
    const what = this.#get(node, asker);
    const fallback = what.type === "directory" ? 0o555 : what.type === "symlink" ? 0o777 : 0o444;
    const mode = modeOf(what.type, ("mode" in what ? what.mode : undefined) ?? fallback);
    return { mode, uid: what.uid ?? 0, gid: what.gid ?? 0 };
  }

  lookup(directory: NodeId, name: string, asker: Asker): NodeId | undefined {
    const path = directory === "" ? name : `${directory as string}/${name}`;
    return this.at(path, asker) ? path : undefined;
  }

  parent(node: NodeId): NodeId {
    const path = node as string;
    return path.slice(0, Math.max(0, path.lastIndexOf("/")));
  }

  list(directory: NodeId, asker: Asker): string[] {
    const what = this.#get(directory, asker);
    if (what.type !== "directory") throw new Errno("ENOTDIR");
    return what.names();
  }

  readlink(node: NodeId, asker: Asker): string {
    const what = this.#get(node, asker);
    if (what.type !== "symlink") throw new Errno("EINVAL");
    return what.target();
  }

  magic(node: NodeId, asker: Asker): OpenFile | undefined {
    const what = this.#get(node, asker);
    return what.type === "symlink" ? what.magic?.() : undefined;
  }

  open(node: NodeId, flags: number, asker: Asker): OpenFile {
    const what = this.#get(node, asker);
    if (what.type === "symlink") throw new Errno("ELOOP");
    const text = what.type === "file" ? what.text() : "";
    return new TextFile(text, this.stat(node, asker), flags, what.type === "file" ? what.write : undefined);
  }

  create(): NodeId {
    throw new Errno("ENOENT");
  }

  link(): void {
    throw new Errno("EPERM");
  }

  unlink(): void {
    throw new Errno("EPERM");
  }

  rmdir(): void {
    throw new Errno("EPERM");
  }

  rename(): void {
    throw new Errno("EPERM");
  }

  setAttributes(): void {
    throw new Errno("EPERM");
  }

  #get(node: NodeId, asker: Asker): Generated {
    const what = this.at(node as string, asker);
    if (!what) throw new Errno("ENOENT");
    return what;
  }
}

/** Stable per path. */
function inodeNumber(path: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < path.length; index++) hash = Math.imul(hash ^ path.charCodeAt(index), 16_777_619) >>> 0;
  return hash || 1;
}
