/** LXD's alias of a tag that was pulled from a registry. Pure. */
import { PULLED_PREFIX } from "../reference.ts";
import { formatReference, type OciReference } from "./reference.ts";

export function ociAlias(reference: OciReference): string {
  return `${PULLED_PREFIX}${formatReference(reference)}`;
}
