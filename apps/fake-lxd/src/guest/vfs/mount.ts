/** The mounts of one guest, and where a path leads in them. */
import type { FileSystem, NodeId } from "./types.ts";

export interface Mount {
  readonly id: number;
  readonly fs: FileSystem;
  readonly root: NodeId;
  /** Null for the root of the tree. */
  readonly at: Location | null;
  readonly path: string;
  readonly source: string;
  readonly: boolean;
  options: readonly string[];
  /** What is mounted in it, by path, not by node: a mount covers one name of a file, not its hard links. */
  readonly points: Map<string, Mount>;
}

/** A file: which mount, which node, and the absolute path that led there, symlinks resolved. */
export interface Location {
  readonly mount: Mount;
  readonly node: NodeId;
  readonly path: string;
}

export class MountTable {
  readonly root: Location;
  readonly #mounts: Mount[] = [];
  #nextId = 1;

  constructor(fs: FileSystem, root: NodeId, readonly: boolean, source: string) {
    const mount: Mount = {
      id: 0,
      fs,
      root,
      at: null,
      path: "/",
      source,
      readonly,
      options: ["relatime"],
      points: new Map(),
    };
    this.#mounts.push(mount);
    this.root = { mount, node: root, path: "/" };
  }

  list(): readonly Mount[] {
    return this.#mounts;
  }

  add(at: Location, what: Pick<Mount, "fs" | "root" | "source" | "readonly" | "options">): Mount {
    const mount: Mount = { ...what, id: this.#nextId++, at, path: at.path, points: new Map() };
    this.#mounts.push(mount);
    at.mount.points.set(at.path, mount);
    return mount;
  }

  remove(mount: Mount): void {
    const index = this.#mounts.indexOf(mount);
    if (index < 0 || !mount.at) return;
    this.#mounts.splice(index, 1);
    mount.at.mount.points.delete(mount.at.path);
  }

  /** The mount and all that are mounted below it. */
  tree(mount: Mount): Mount[] {
    const children = this.#mounts.filter((other) => other.at?.mount === mount);
    return [mount, ...children.flatMap((child) => this.tree(child))];
  }

  /** Whether something is mounted below it. */
  busy(mount: Mount): boolean {
    return this.#mounts.some((other) => other.at?.mount === mount);
  }

  /** The root of what is mounted here (the topmost), or the place itself. */
  enter(place: Location): Location {
    const { path } = place;
    let top: Mount | undefined;
    for (let mount = pointOf(place.mount, path); mount; mount = pointOf(mount, path)) top = mount;
    return top === undefined ? place : { mount: top, node: top.root, path };
  }

  parent(place: Location): Location {
    let at = place;
    while (at.node === at.mount.root) {
      if (!at.mount.at) return this.root;
      at = at.mount.at;
    }
    const path = at.path.slice(0, Math.max(1, at.path.lastIndexOf("/")));
    return this.enter({ mount: at.mount, node: at.mount.fs.parent(at.node), path });
  }
}

function pointOf({ points }: Mount, path: string): Mount | undefined {
  return points.size === 0 ? undefined : points.get(path);
}
