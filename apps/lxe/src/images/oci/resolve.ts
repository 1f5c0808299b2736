/** From a reference to the one image that it means on this node. */
import { InvalidImageError } from "./errors.ts";
import type { OciLimits } from "./limits.ts";
import { type ImageManifest, parseManifest } from "./manifest/manifest.ts";
import { choosePlatform, type NodePlatform } from "./manifest/platform.ts";
import { formatReference, type OciReference } from "./reference.ts";
import type { RegistrySession } from "./registry/session.ts";

export interface ResolvedImage {
  readonly manifest: ImageManifest;
  /** Of what the reference names: the index's, where there is one. */
  readonly digest: string;
}

/** @throws InvalidImageError for what is no image, or none for this node; else what the session throws. */
export async function resolveImage(
  session: Pick<RegistrySession, "manifest">,
  reference: OciReference,
  node: NodePlatform,
  { indexDepthMax }: Pick<OciLimits, "indexDepthMax">,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const what = formatReference(reference);
  const first = await session.manifest(reference, signal);
  let found = parseManifest(first.bytes, first.contentType, what);
  for (let depth = 1; found.kind === "index"; depth += 1) {
    if (depth > indexDepthMax)
      throw new InvalidImageError(`${what}: indexes are nested more than ${indexDepthMax} deep`);
    const chosen = choosePlatform(found.manifests, node);
    if (chosen === undefined) {
      const known = new Set(
        found.manifests.flatMap(({ platform }) =>
          platform === undefined ? [] : [`${platform.os}/${platform.architecture}`],
        ),
      );
      throw new InvalidImageError(
        `${what} has no image for linux/${node.architecture}, only for: ${[...known].join(", ") || "nothing"}`,
      );
    }
    const next = await session.manifest({ tag: undefined, digest: chosen.digest }, signal);
    found = parseManifest(next.bytes, next.contentType || chosen.mediaType, what);
  }
  return { manifest: found, digest: first.digest };
}
