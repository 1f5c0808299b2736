/** Keeps with an image in LXD by which names it was pulled: tags as aliases, which LXD moves at once, digests as a property. */
import type { LxdClient } from "@lxe/lxd-client";
import { pointAlias } from "../alias.ts";
import type { Catalog } from "../catalog.ts";
import { OCI_PROPERTY, ociOf } from "../properties.ts";
import type { InstalledImage } from "./install.ts";
import type { OciLimits } from "./limits.ts";
import { ociAlias } from "./oci-alias.ts";
import type { OciReference } from "./reference.ts";

interface NamesDeps {
  readonly lxd: { readonly images: Pick<LxdClient["images"], "modify" | "aliases"> };
  readonly limits: Pick<OciLimits, "digestsMax">;
}

interface Names {
  readonly id: string;
  readonly reference: OciReference;
  readonly repoDigest: string;
}

/** True where something was written: the catalog is out of date then. */
export async function keepNames(
  { lxd, limits }: NamesDeps,
  catalog: Catalog,
  { fingerprint, repoDigests }: InstalledImage,
  { id, reference, repoDigest }: Names,
  signal: AbortSignal,
): Promise<boolean> {
  const hasDigest = repoDigests.includes(repoDigest);
  if (!hasDigest) {
    await lxd.images.modify(
      fingerprint,
      ({ properties, ...rest }) => {
        // The very same image may be somebody else's, who did not say where it is from.
        const oci = ociOf(properties ?? {}) ?? { config: id, digests: [] };
        if (oci.digests.includes(repoDigest)) return undefined;
        // The oldest go where there are too many.
        const digests = [...oci.digests, repoDigest].slice(-limits.digestsMax);
        return { ...rest, properties: { ...properties, [OCI_PROPERTY]: JSON.stringify({ ...oci, digests }) } };
      },
      { signal },
    );
  }
  const alias = reference.tag === undefined ? undefined : ociAlias(reference);
  if (alias === undefined || catalog.fingerprintOfAlias(alias) === fingerprint) return !hasDigest;
  await pointAlias(lxd.images.aliases, alias, fingerprint, signal);
  return true;
}
