/**
 * The files of an image: its layers laid over one another, in memory and without their contents. Whatever the layers say, every
 * place is below the root: links are followed within the tree, and never on the host. Nodes are rows of tables.
 */
import type { OciLimits } from "../limits.ts";
import type { ScannedEntry } from "../tar/scanner.ts";
import { DirectoryTable } from "./directory-table.ts";
import { impliedDirectory, type Inode } from "./inode.ts";
import { NodeTable } from "./node-table.ts";
import { componentsOf, hostile } from "./path.ts";
import { TextStore } from "./text-store.ts";

/** A name of the tree. */
export interface TreeFile {
  /** Components are parted by slashes, without one at either end; empty for the root. */
  readonly path: string;
  readonly inode: Inode;
  /** The same for all names of one file; undefined where it has no other. */
  readonly shared: number | undefined;
}

export type TreeLimits = Pick<OciLimits, "pathBytesMax" | "nameBytesMax" | "linksMax" | "textBytesMax">;

interface WalkOptions {
  /** Called where nothing is; may make it. */
  readonly onMissing?: (directory: number, name: string) => number | undefined;
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
  readonly #nodes: NodeTable;
  /** Rows of directories never stand for anything else; those of directories that are gone are reached no more. */
  readonly #names: DirectoryTable;
  /** Inodes that hard links were made to. */
  readonly #shared = new Set<number>();
  readonly #root: number;

  /** @param key random: for the hashes of names */
  constructor(limits: TreeLimits, key: Buffer) {
    this.#limits = limits;
    const texts = new TextStore(limits.textBytesMax);
    this.#nodes = new NodeTable(texts, limits.pathBytesMax);
    this.#names = new DirectoryTable(texts, key);
    this.#root = this.#nodes.addInode(impliedDirectory(0));
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
    const directory = this.#walk(components, {
      ...IN_A_RUNNING_SYSTEM,
      onMissing: (above, missing) => this.#add(above, missing, this.#nodes.addInode(impliedDirectory(inode.layer))),
    });
    if (directory === undefined || !this.#isDirectory(directory)) return;
    if (this.#names.child(directory, name) === undefined) this.#add(directory, name, this.#nodes.addInode(inode));
  }

  /** What is at the path, with links in all places followed, perhaps but the last; undefined where nothing is. */
  find(path: string, { followLast }: { readonly followLast: boolean }): Inode | undefined {
    const node = this.#walk(componentsOf(path, this.#limits), { ...IN_A_RUNNING_SYSTEM, followLast });
    return node === undefined ? undefined : this.#nodes.read(this.#nodes.inodeOf(node));
  }

  /** All names, parents before their children. Not recursive: trees may be thousands of directories deep. */
  *files(): Generator<TreeFile> {
    /** Of the directories that the path leads through, how much of it theirs is. */
    const lengths: number[] = [];
    let path = "";
    for (let node: number | undefined = this.#root; node !== undefined; ) {
      const inode = this.#nodes.inodeOf(node);
      yield { path, inode: this.#nodes.read(inode), shared: this.#shared.has(inode) ? inode : undefined };
      const child = this.#names.firstChild(node);
      if (child !== undefined) lengths.push(path.length);
      node = child ?? this.#following(node, lengths);
      if (node === undefined) return;
      const directory = path.slice(0, lengths.at(-1));
      path = directory === "" ? this.#names.nameOf(node) : `${directory}/${this.#names.nameOf(node)}`;
    }
  }

  /** What comes behind the node and all that is below it. */
  #following(node: number, lengths: number[]): number | undefined {
    for (let last = node; last !== this.#root; last = this.#names.parentOf(last)) {
      const next = this.#names.nextChild(last);
      if (next !== undefined) return next;
      lengths.pop();
    }
    return undefined;
  }

  #isDirectory(node: number): boolean {
    return this.#nodes.kindOf(node) === "directory";
  }

  #add(directory: number, name: string, node: number): number {
    this.#names.put(directory, name, node);
    return node;
  }

  #setRoot(entry: ScannedEntry, layer: number): void {
    if (entry.kind !== "directory") throw hostile(entry.name, "would replace the root");
    this.#nodes.replace(this.#root, entry, "directory", layer);
  }

  /** What was in a directory before stays in it. */
  #put(directory: number, name: string, entry: ScannedEntry, layer: number): void {
    const before = this.#names.child(directory, name);
    if (entry.kind === "directory" && before !== undefined && this.#isDirectory(before)) {
      this.#nodes.replace(before, entry, "directory", layer);
      return;
    }
    const node = entry.kind === "hardlink" ? this.#link(entry, layer) : this.#nodes.addEntry(entry, entry.kind, layer);
    this.#add(directory, name, node);
  }

  #link(entry: ScannedEntry, layer: number): number {
    const target = this.#walk(componentsOf(entry.linkname, this.#limits), {
      followLast: false,
      ...this.#refusals(entry.name),
    });
    if (target === undefined) throw hostile(entry.name, "is a hard link to nothing");
    if (this.#isDirectory(target)) throw hostile(entry.name, "is a hard link to a directory");
    const inode = this.#nodes.inodeOf(target);
    this.#shared.add(inode);
    return this.#nodes.addLink(inode, layer);
  }

  #makeDirectory(components: readonly string[], entryName: string, layer: number): number {
    const place = this.#walk(components, {
      followLast: true,
      onMissing: (directory, name) => this.#add(directory, name, this.#nodes.addInode(impliedDirectory(layer))),
      ...this.#refusals(entryName),
    });
    if (place === undefined || !this.#isDirectory(place)) throw hostile(entryName, "lies below a file");
    return place;
  }

  #whiteOut(components: readonly string[], mark: string, entryName: string, layer: number): void {
    const place = this.#walk(components, { followLast: true, ...this.#refusals(entryName) });
    if (place === undefined || !this.#isDirectory(place)) return;
    if (mark === OPAQUE_MARK) {
      this.#hideAll(place, layer);
      return;
    }
    if (mark.startsWith(AUFS_PREFIX)) return;
    const hidden = this.#names.child(place, hiddenName(mark, entryName));
    if (hidden !== undefined) this.#hide(hidden, layer);
  }

  /** Removes what lower layers have there; what this layer has put there or below stays. */
  #hide(node: number, layer: number): void {
    this.#hideAll(node, layer);
    const isLeft = this.#nodes.layerOf(node) === layer || this.#names.firstChild(node) !== undefined;
    if (!isLeft) this.#names.remove(node);
  }

  #hideAll(directory: number, layer: number): void {
    let child = this.#names.firstChild(directory);
    while (child !== undefined) {
      const next = this.#names.nextChild(child);
      this.#hide(child, layer);
      child = next;
    }
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
      if (!this.#isDirectory(last)) return undefined;
      if (name === "..") {
        const parent = way.pop();
        if (parent === undefined) onEscape();
        last = parent ?? this.#root;
        continue;
      }
      const child = this.#names.child(last, name) ?? onMissing?.(last, name);
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

function hiddenName(mark: string, entryName: string): string {
  const name = mark.slice(WHITEOUT_PREFIX.length);
  if (name === "" || name === "." || name === "..") throw hostile(entryName, "hides no name");
  return name;
}
