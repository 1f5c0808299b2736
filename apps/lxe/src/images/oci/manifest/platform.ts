/** Which image of an index runs on this node. Pure. */
import type { Descriptor, Platform } from "./manifest.ts";

/** What an LXD architecture is in OCI's words: Go's names, and the variants that the processor runs, best first. */
export interface NodePlatform {
  /** LXD's name: x86_64, aarch64. */
  readonly lxdName: string;
  readonly architecture: string;
  /** Empty: the architecture has none. A missing variant in an index is the last one. */
  readonly variants: readonly string[];
}

const PLATFORMS: readonly NodePlatform[] = [
  // Whether a processor can do more than v1 is not ours to guess; images for it come with one for all.
  { lxdName: "x86_64", architecture: "amd64", variants: ["v1"] },
  { lxdName: "i686", architecture: "386", variants: [] },
  { lxdName: "aarch64", architecture: "arm64", variants: ["v8"] },
  { lxdName: "armv8l", architecture: "arm", variants: ["v8", "v7", "v6", "v5"] },
  { lxdName: "armv7l", architecture: "arm", variants: ["v7", "v6", "v5"] },
  { lxdName: "armv6l", architecture: "arm", variants: ["v6", "v5"] },
  { lxdName: "ppc64le", architecture: "ppc64le", variants: ["power8"] },
  { lxdName: "s390x", architecture: "s390x", variants: [] },
  { lxdName: "riscv64", architecture: "riscv64", variants: [] },
  { lxdName: "loongarch64", architecture: "loong64", variants: [] },
];

/** For LXD's name of an architecture, or Node's. */
export function nodePlatform(name: string): NodePlatform | undefined {
  const lxdName = { x64: "x86_64", arm64: "aarch64", ia32: "i686", arm: "armv7l" }[name] ?? name;
  return PLATFORMS.find((platform) => platform.lxdName === lxdName);
}

/** The manifest to take, or undefined where the index has none for the node. */
export function choosePlatform(manifests: readonly Descriptor[], node: NodePlatform): Descriptor | undefined {
  const ranked = manifests
    .filter((manifest) => !isAttestation(manifest))
    .map((manifest) => ({ manifest, rank: rankOf(manifest.platform, node) }))
    .filter(({ rank }) => rank !== undefined)
    .toSorted((one, other) => (one.rank ?? 0) - (other.rank ?? 0));
  return ranked[0]?.manifest ?? soleUnnamed(manifests);
}

/** Whether an image that says so of itself runs on the node. */
export function runsOn(platform: Platform, node: NodePlatform): boolean {
  return rankOf(platform, node) !== undefined;
}

/** `linux/arm/v7`. */
export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined || variant === "" ? [] : [variant])].join("/");
}

/** How well it fits: 0 is best; undefined: it does not run. */
function rankOf(platform: Platform | undefined, { architecture, variants }: NodePlatform): number | undefined {
  if (platform?.os !== "linux" || platform.architecture !== architecture) return undefined;
  const { variant = "" } = platform;
  const rank = variants.indexOf(variant);
  if (rank >= 0) return rank;
  return variant === "" ? variants.length : undefined;
}

/** An index of one image that says nothing of its platform; the image's config tells. */
function soleUnnamed(manifests: readonly Descriptor[]): Descriptor | undefined {
  const [first, ...others] = manifests.filter((manifest) => !isAttestation(manifest));
  return others.length === 0 && first?.platform === undefined ? first : undefined;
}

/** What build tools say about an image, stored beside it as if it were one. */
function isAttestation({ annotations, platform }: Descriptor): boolean {
  return annotations?.["vnd.docker.reference.type"] === "attestation-manifest" || platform?.os === "unknown";
}
