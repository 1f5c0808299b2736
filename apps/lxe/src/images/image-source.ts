/** The seam between "which image is meant" and "where it comes from". */
import type { RegistryAuth } from "./oci/registry/auth/credentials.ts";
import type { ImageRecord } from "./types.ts";

/** What one reference means to one source, ready to be done. */
export interface PullPlan {
  /** Equal for all references to the same thing: concurrent pulls of one key are one. */
  readonly key: string;
  /** Resolves when the image is in LXD and the reference resolves to it. */
  pull(signal: AbortSignal): Promise<ImageRecord>;
}

export interface ImageSource {
  /** Undefined: the reference is not this source's, ask the next one. */
  plan(reference: string, auth?: RegistryAuth): PullPlan | undefined;
}
