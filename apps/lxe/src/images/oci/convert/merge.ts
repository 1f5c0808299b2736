/** Layers on disk → one file tree. */
import type { HostFiles } from "../../../platform/host-files.ts";
import type { Random } from "../../../platform/random.ts";
import type { OciLimits } from "../limits.ts";
import { FileTree, type TreeLimits } from "./file-tree.ts";
import { type Layer, layerEntries } from "./layer.ts";
import { addMountPoints } from "./mount-points.ts";
import { KEY_BYTES } from "./name-hash.ts";

interface MergeDeps {
  readonly files: Pick<HostFiles, "openForReading">;
  readonly random: Pick<Random, "bytes">;
  readonly limits: TreeLimits & Pick<OciLimits, "tarMetaBytesMax">;
}

/**
 * The files that containers of the image see, with what is needed to mount things in them.
 * @param directories further paths that must be there
 * @param layers lowest first
 * @throws InvalidImageError for layers that reach out of the image
 */
export async function mergeLayers(
  { files, random, limits }: MergeDeps,
  layers: readonly Layer[],
  directories: readonly string[],
  signal: AbortSignal,
): Promise<FileTree> {
  const tree = new FileTree(limits, random.bytes(KEY_BYTES));
  for (const [position, layer] of layers.entries()) {
    for await (const entries of layerEntries(files, limits, layer)) {
      signal.throwIfAborted();
      for (const entry of entries) tree.apply(entry, position);
    }
  }
  addMountPoints(tree, directories);
  return tree;
}
