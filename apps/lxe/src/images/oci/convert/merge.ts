/** Layers on disk → one file tree. */
import { FileTree, type TreeLimits } from "./file-tree.ts";
import type { Layer } from "./layer.ts";
import { addMountPoints } from "./mount-points.ts";

/**
 * The files that containers of the image see, with what is needed to mount things in them.
 * @param directories further paths that must be there
 * @param layers lowest first
 * @throws InvalidImageError for layers that reach out of the image
 */
export function mergeLayers(layers: readonly Layer[], directories: readonly string[], limits: TreeLimits): FileTree {
  const tree = new FileTree(limits);
  for (const [position, { entries }] of layers.entries()) for (const entry of entries) tree.apply(entry, position);
  addMountPoints(tree, directories);
  return tree;
}
