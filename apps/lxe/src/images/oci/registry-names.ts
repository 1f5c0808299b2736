/** Which names are meant for OCI registries. Pure. */
import { namesRegistry, tryParseReference } from "./reference.ts";

/** It spells out a registry: `registry.example/app`, `localhost:5000/app:1`. */
export function isRegistryName(name: string): boolean {
  return namesRegistry(name) && tryParseReference(name) !== undefined;
}

/** It would be Docker Hub's: `busybox`, `user/app:1`. Not what looks like an id. */
export function isShortName(name: string): boolean {
  return !name.startsWith("sha256:") && tryParseReference(name) !== undefined;
}
