/**
 * The files of an image: its layers laid over one another, in memory and without their contents. Whatever the layers say, every
 * place is below the root: links are followed within the tree, and never on the host.
 */
import type { OciLimits } from "../limits.ts";
import type { ScannedEntry } from "../tar/scanner.ts";
import { impliedDirectory, type Inode, inodeOf } from "./inode.ts";
import { componentsOf, hostile } from "./path.ts";

export interface FileNode {
  readonly inode: Inode;
  /** By name; exactly directories have them. */
  readonly children: Map<string, FileNode> | undefined;
  /** The layer that last said something about this name. */
  readonly layer: number;
}

export type TreeLimits = Pick<OciLimits, "pathBytesMax" | "nameBytesMax" | "linksMax">;

interface Directory extends FileNode {
  readonly children: Map<string, FileNode>;
}

/** What a path leads to, and its path there without links. */
interface Place {
  readonly node: FileNode;
  readonly names: readonly string[];
}

interface WalkOptions {
  /** Called where nothing is; may make it. */
  readonly onMissing?: (parent: Directory, name: string) => FileNode | undefined;
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
  readonly #shared = new Set<Inode>();
  #root: Directory = { inode: impliedDirectory(0), children: new Map(), layer: 0 };

  constructor(limits: TreeLimits) {
    this.#limits = limits;
  }

  get root(): FileNode {
    return this.#root;
  }

  /** Whether a hard link was made to it: it may have several names. */
  isShared(inode: Inode): boolean {
    return this.#shared.has(inode);
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
    const place = this.#walk(components, {
      ...IN_A_RUNNING_SYSTEM,
      onMissing: (parent, missing) => add(parent, missing, nodeOf(impliedDirectory(inode.layer), inode.layer)),
    });
    if (place !== undefined && isDirectory(place.node) && !place.node.children.has(name)) {
      add(place.node, name, nodeOf(inode, inode.layer));
    }
  }

  /** What is at the path, with links in all places followed, perhaps but the last; undefined where nothing is. */
  find(path: string, { followLast }: { readonly followLast: boolean }): FileNode | undefined {
    return this.#walk(componentsOf(path, this.#limits), { ...IN_A_RUNNING_SYSTEM, followLast })?.node;
  }

  #setRoot(entry: ScannedEntry, layer: number): void {
    if (entry.kind !== "directory") throw hostile(entry.name, "would replace the root");
    this.#root = { inode: inodeOf(entry, "directory", layer), children: this.#root.children, layer };
  }

  #put(parent: Directory, name: string, entry: ScannedEntry, layer: number): void {
    if (entry.kind === "hardlink") {
      const inode = this.#linkTarget(entry);
      this.#shared.add(inode);
      add(parent, name, { inode, children: undefined, layer });
      return;
    }
    const node = nodeOf(inodeOf(entry, entry.kind, layer), layer);
    const children = node.children && parent.children.get(name)?.children;
    add(parent, name, children === undefined ? node : { ...node, children });
  }

  #linkTarget(entry: ScannedEntry): Inode {
    const target = this.#walk(componentsOf(entry.linkname, this.#limits), {
      followLast: false,
      ...this.#refusals(entry.name),
    });
    if (target === undefined) throw hostile(entry.name, "is a hard link to nothing");
    if (target.node.children !== undefined) throw hostile(entry.name, "is a hard link to a directory");
    return target.node.inode;
  }

  #makeDirectory(components: readonly string[], entryName: string, layer: number): Directory {
    const place = this.#walk(components, {
      followLast: true,
      onMissing: (parent, name) => add(parent, name, nodeOf(impliedDirectory(layer), layer)),
      ...this.#refusals(entryName),
    });
    if (place === undefined || !isDirectory(place.node)) throw hostile(entryName, "lies below a file");
    return place.node;
  }

  #whiteOut(components: readonly string[], mark: string, entryName: string, layer: number): void {
    const place = this.#walk(components, { followLast: true, ...this.#refusals(entryName) });
    if (place === undefined || !isDirectory(place.node)) return;
    if (mark === OPAQUE_MARK) hideChildren(place.node, layer);
    else if (!mark.startsWith(AUFS_PREFIX)) hide(place.node, hiddenName(mark, entryName), layer);
  }

  #refusals(entryName: string): Pick<WalkOptions, "onEscape" | "onLoop"> {
    const refuse = (what: string) => () => {
      throw hostile(entryName, what);
    };
    return { onEscape: refuse("leads out of the image through a link"), onLoop: refuse("goes through too many links") };
  }

  /** Undefined where nothing is, a link leads nowhere or in circles, or something but a directory is in the way. */
  #walk(components: readonly string[], { onMissing, followLast, onEscape, onLoop }: WalkOptions): Place | undefined {
    let way: Directory[] = [];
    let names: string[] = [];
    let last: FileNode = this.#root;
    let links = 0;
    const todo = components.toReversed();
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      if (!isDirectory(last)) return undefined;
      if (name === "..") {
        const parent = way.pop();
        if (parent === undefined) onEscape();
        last = parent ?? this.#root;
        names.pop();
        continue;
      }
      const child: FileNode | undefined = last.children.get(name) ?? onMissing?.(last, name);
      if (child === undefined) return undefined;
      if (child.inode.kind !== "symlink" || (todo.length === 0 && !followLast)) {
        way.push(last);
        names.push(name);
        last = child;
        continue;
      }
      links += 1;
      if (links > this.#limits.linksMax) {
        onLoop();
        return undefined;
      }
      const { target } = child.inode;
      if (target.startsWith("/")) {
        way = [];
        names = [];
        last = this.#root;
      }
      todo.push(
        ...target
          .split("/")
          .filter((part) => part !== "" && part !== ".")
          .toReversed(),
      );
    }
    return { node: last, names };
  }
}

const IN_A_RUNNING_SYSTEM: WalkOptions = { followLast: true, onEscape: () => undefined, onLoop: () => undefined };

function isDirectory(node: FileNode): node is Directory {
  return node.children !== undefined;
}

function nodeOf(inode: Inode, layer: number): FileNode {
  return { inode, children: inode.kind === "directory" ? new Map() : undefined, layer };
}

function add(parent: Directory, name: string, node: FileNode): FileNode {
  parent.children.set(name, node);
  return node;
}

function hiddenName(mark: string, entryName: string): string {
  const name = mark.slice(WHITEOUT_PREFIX.length);
  if (name === "" || name === "." || name === "..") throw hostile(entryName, "hides no name");
  return name;
}

/** Removes what lower layers have under that name; what this layer has put there or below stays. */
function hide(parent: Directory, name: string, layer: number): void {
  const child = parent.children.get(name);
  if (child === undefined) return;
  if (isDirectory(child)) hideChildren(child, layer);
  const isLeft = child.layer === layer || (child.children?.size ?? 0) > 0;
  if (!isLeft) parent.children.delete(name);
}

function hideChildren(directory: Directory, layer: number): void {
  for (const name of directory.children.keys()) hide(directory, name, layer);
}
