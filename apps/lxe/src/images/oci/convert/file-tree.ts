/**
 * The files of an image: its layers laid over one another, in memory and without their contents. Whatever the layers say, every
 * place is below the root: links are followed within the tree, and never on the host. Nodes are rows of a table, and directories
 * have their children's rows by name.
 */
import type { OciLimits } from "../limits.ts";
import type { ScannedEntry } from "../tar/scanner.ts";
import { impliedDirectory, type Inode } from "./inode.ts";
import { NodeTable } from "./node-table.ts";
import { componentsOf, hostile } from "./path.ts";

/** A name of the tree. */
export interface TreeFile {
  /** Components are parted by slashes, without one at either end; empty for the root. */
  readonly path: string;
  readonly inode: Inode;
  /** The same for all names of one file; undefined where it has no other. */
  readonly shared: number | undefined;
}

export type TreeLimits = Pick<OciLimits, "pathBytesMax" | "nameBytesMax" | "linksMax">;

type Children = Map<string, number>;

interface WalkOptions {
  /** Called where nothing is; may make it. */
  readonly onMissing?: (parent: Children, name: string) => number | undefined;
  /** Follow a link in the last place, too. */
  readonly followLast: boolean;
  /** What `..` above the root does: nothing, as in a running system, or throw. */
  readonly onEscape: () => void;
  readonly onLoop: () => void;
}

const WHITEOUT_PREFIX = ".wh.";
const OPAQUE_MARK = ".wh..wh..opq";
const AUFS_PREFIX = ".wh..wh.";

export class FileTree {
  readonly #limits: TreeLimits;
  readonly #nodes = new NodeTable();
  /** By the row of a directory. */
  readonly #children = new Map<number, Children>();
  /** Inodes that hard links were made to. */
  readonly #shared = new Set<number>();
  #root: number;

  constructor(limits: TreeLimits) {
    this.#limits = limits;
    this.#root = this.#addDirectory(impliedDirectory(0));
  }

  /**
   * Lays an entry of a layer over what is there; layers come lowest first. A whiteout hides what lower layers have, wherever it
   * stands among its own layer's entries.
   * @throws InvalidImageError for what leads out of the root, or cannot be.
   */
  apply(entry: ScannedEntry, layer: number): void {
    const components = componentsOf(entry.name, this.#limits);
    const name = components.pop();
    if (name === undefined) this.#setRoot(entry, layer);
    else if (components.some((component) => component.startsWith(AUFS_PREFIX))) return;
    else if (components.some((component) => component.startsWith(WHITEOUT_PREFIX)))
      throw hostile(entry.name, "lies below a whiteout");
    else if (name.startsWith(WHITEOUT_PREFIX)) this.#whiteOut(components, name, entry.name, layer);
    else this.#put(this.#makeDirectory(components, entry.name, layer), name, entry, layer);
  }

  /** Adds what nothing is in the place of. Without effect where a parent is no directory. */
  addMissing(path: string, inode: Inode): void {
    const components = componentsOf(path, this.#limits);
    const name = components.pop();
    if (name === undefined) return;
    const parent = this.#walk(components, {
      ...IN_A_RUNNING_SYSTEM,
      onMissing: (above, missing) => add(above, missing, this.#addDirectory(impliedDirectory(inode.layer))),
    });
    const children = parent === undefined ? undefined : this.#children.get(parent);
    if (children === undefined || children.has(name)) return;
    add(children, name, inode.kind === "directory" ? this.#addDirectory(inode) : this.#nodes.addInode(inode));
  }

  /** What is at the path, with links in all places followed, perhaps but the last; undefined where nothing is. */
  find(path: string, { followLast }: { readonly followLast: boolean }): Inode | undefined {
    const node = this.#walk(componentsOf(path, this.#limits), { ...IN_A_RUNNING_SYSTEM, followLast });
    return node === undefined ? undefined : this.#nodes.read(this.#nodes.inodeOf(node));
  }

  /** All names, parents before their children. Not recursive: trees may be thousands of directories deep. */
  *files(): Generator<TreeFile> {
    const todo = [{ path: "", node: this.#root }];
    for (let current = todo.pop(); current !== undefined; current = todo.pop()) {
      const { path, node } = current;
      const inode = this.#nodes.inodeOf(node);
      yield { path, inode: this.#nodes.read(inode), shared: this.#shared.has(inode) ? inode : undefined };
      const children = [...(this.#children.get(node) ?? [])].toReversed();
      for (const [name, child] of children) todo.push({ path: path === "" ? name : `${path}/${name}`, node: child });
    }
  }

  #addDirectory(inode: Inode, children: Children = new Map()): number {
    const node = this.#nodes.addInode(inode);
    this.#children.set(node, children);
    return node;
  }

  #setRoot(entry: ScannedEntry, layer: number): void {
    if (entry.kind !== "directory") throw hostile(entry.name, "would replace the root");
    this.#root = this.#replaceDirectory(this.#root, entry, layer);
  }

  #put(parent: Children, name: string, entry: ScannedEntry, layer: number): void {
    const before = parent.get(name);
    if (entry.kind === "directory") {
      add(parent, name, this.#replaceDirectory(before, entry, layer));
      return;
    }
    const node = entry.kind === "hardlink" ? this.#link(entry, layer) : this.#nodes.addEntry(entry, entry.kind, layer);
    if (before !== undefined) this.#children.delete(before);
    add(parent, name, node);
  }

  /** What was in a directory before stays in it. */
  #replaceDirectory(before: number | undefined, entry: ScannedEntry, layer: number): number {
    const children = before === undefined ? undefined : this.#children.get(before);
    const node = this.#nodes.addEntry(entry, "directory", layer);
    this.#children.set(node, children ?? new Map());
    if (before !== undefined) this.#children.delete(before);
    return node;
  }

  #link(entry: ScannedEntry, layer: number): number {
    const target = this.#walk(componentsOf(entry.linkname, this.#limits), {
      followLast: false,
      ...this.#refusals(entry.name),
    });
    if (target === undefined) throw hostile(entry.name, "is a hard link to nothing");
    if (this.#children.has(target)) throw hostile(entry.name, "is a hard link to a directory");
    const inode = this.#nodes.inodeOf(target);
    this.#shared.add(inode);
    return this.#nodes.addLink(inode, layer);
  }

  #makeDirectory(components: readonly string[], entryName: string, layer: number): Children {
    const place = this.#walk(components, {
      followLast: true,
      onMissing: (parent, name) => add(parent, name, this.#addDirectory(impliedDirectory(layer))),
      ...this.#refusals(entryName),
    });
    const children = place === undefined ? undefined : this.#children.get(place);
    if (children === undefined) throw hostile(entryName, "lies below a file");
    return children;
  }

  #whiteOut(components: readonly string[], mark: string, entryName: string, layer: number): void {
    const place = this.#walk(components, { followLast: true, ...this.#refusals(entryName) });
    const children = place === undefined ? undefined : this.#children.get(place);
    if (children === undefined) return;
    if (mark === OPAQUE_MARK) this.#hideAll(children, layer);
    else if (!mark.startsWith(AUFS_PREFIX)) this.#hide(children, hiddenName(mark, entryName), layer);
  }

  /** Removes what lower layers have under that name; what this layer has put there or below stays. */
  #hide(parent: Children, name: string, layer: number): void {
    const child = parent.get(name);
    if (child === undefined) return;
    const children = this.#children.get(child);
    if (children !== undefined) this.#hideAll(children, layer);
    const isLeft = this.#nodes.layerOf(child) === layer || (children?.size ?? 0) > 0;
    if (isLeft) return;
    parent.delete(name);
    this.#children.delete(child);
  }

  #hideAll(directory: Children, layer: number): void {
    for (const name of directory.keys()) this.#hide(directory, name, layer);
  }

  #refusals(entryName: string): Pick<WalkOptions, "onEscape" | "onLoop"> {
    const refuse = (what: string) => () => {
      throw hostile(entryName, what);
    };
    return { onEscape: refuse("leads out of the image through a link"), onLoop: refuse("goes through too many links") };
  }

  /** Undefined where nothing is, a link leads nowhere or in circles, or something but a directory is in the way. */
  #walk(components: readonly string[], { onMissing, followLast, onEscape, onLoop }: WalkOptions): number | undefined {
    let way: number[] = [];
    let last = this.#root;
    let links = 0;
    const todo = components.toReversed();
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      const children = this.#children.get(last);
      if (children === undefined) return undefined;
      if (name === "..") {
        const parent = way.pop();
        if (parent === undefined) onEscape();
        last = parent ?? this.#root;
        continue;
      }
      const child = children.get(name) ?? onMissing?.(children, name);
      if (child === undefined) return undefined;
      const inode = this.#nodes.inodeOf(child);
      if (this.#nodes.kindOf(inode) !== "symlink" || (todo.length === 0 && !followLast)) {
        way.push(last);
        last = child;
        continue;
      }
      links += 1;
      if (links > this.#limits.linksMax) {
        onLoop();
        return undefined;
      }
      const target = this.#nodes.targetOf(inode);
      if (target.startsWith("/")) {
        way = [];
        last = this.#root;
      }
      todo.push(
        ...target
          .split("/")
          .filter((part) => part !== "" && part !== ".")
          .toReversed(),
      );
    }
    return last;
  }
}

const IN_A_RUNNING_SYSTEM: WalkOptions = { followLast: true, onEscape: () => undefined, onLoop: () => undefined };

function add(parent: Children, name: string, node: number): number {
  parent.set(parent.has(name) ? name : ownCopy(name), node);
  return node;
}

/** V8 would keep the whole path that the name was cut out of. */
function ownCopy(name: string): string {
  return Buffer.from(name, "latin1").toString("latin1");
}

function hiddenName(mark: string, entryName: string): string {
  const name = mark.slice(WHITEOUT_PREFIX.length);
  if (name === "" || name === "." || name === "..") throw hostile(entryName, "hides no name");
  return name;
}
