/** Layers on disk → one file tree. */
import type { HostFiles } from "../../../platform/host-files.ts";
import type { OciLimits } from "../limits.ts";
import { FileTree, type TreeLimits } from "./file-tree.ts";
import { type Layer, layerEntries } from "./layer.ts";
import { addMountPoints } from "./mount-points.ts";

/**
 * The files that containers of the image see, with what is needed to mount things in them.
 * @param directories further paths that must be there
 * @param layers lowest first
 * @throws InvalidImageError for layers that reach out of the image
 */
export async function mergeLayers(
  files: Pick<HostFiles, "openForReading">,
  layers: readonly Layer[],
  directories: readonly string[],
  limits: TreeLimits & Pick<OciLimits, "tarMetaBytesMax">,
  signal: AbortSignal,
): Promise<FileTree> {
  const tree = new FileTree(limits);
  for (const [position, layer] of layers.entries()) {
    for await (const entries of layerEntries(files, limits, layer)) {
      signal.throwIfAborted();
      for (const entry of entries) tree.apply(entry, position);
    }
  }
  addMountPoints(tree, directories);
  return tree;
}
