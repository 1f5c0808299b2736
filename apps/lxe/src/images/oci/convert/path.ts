/** Names of tar entries as paths below the image's root. Pure; text is latin1, one character for each byte. */
import { InvalidImageError } from "../errors.ts";
import type { OciLimits } from "../limits.ts";

type PathLimits = Pick<OciLimits, "pathBytesMax" | "nameBytesMax">;

/**
 * The components of the path; none for the root itself. A leading slash means the root.
 * @throws InvalidImageError where it leads out of the root, or no file system could hold it.
 */
export function componentsOf(name: string, limits: PathLimits): string[] {
  if (name.length > limits.pathBytesMax || name.includes("\0")) throw hostile(name, "is no name of a file");
  const components: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") components.push(part);
    else if (components.pop() === undefined) throw hostile(name, "leads out of the image");
  }
  if (components.some((part) => part.length > limits.nameBytesMax)) throw hostile(name, "is no name of a file");
  return components;
}

export function hostile(name: string, what: string): InvalidImageError {
  const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  return new InvalidImageError(
    `a layer has an entry that ${what}: ${JSON.stringify(Buffer.from(shown, "latin1").toString())}`,
  );
}
