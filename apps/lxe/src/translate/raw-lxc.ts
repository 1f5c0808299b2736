/** Lines of LXD's `raw.lxc`. Owns escaping: nothing from a request reaches raw.lxc but through here. Pure. */

import { InvalidArgumentError } from "@lxe/cri";

export type RawLine = readonly [key: string, value: string];

/** The text of the `raw.lxc` key. A line break in a value would be a second line, so it is refused. */
export function renderRawLxc(lines: readonly RawLine[]): string {
  return lines
    .map(([key, value]) => {
      checkLine(key + value, key);
      return `${key} = ${value}\n`;
    })
    .join("");
}

/** @throws InvalidArgumentError naming `field`, for what cannot be part of a line. */
export function checkLine(text: string, field: string): void {
  if (/[\n\r\0]/.test(text)) throw new InvalidArgumentError(`a line break is not allowed in ${field}`);
}

export interface MountEntry {
  /** A host path, or the name of a file system without one, such as `tmpfs`. */
  readonly source: string;
  /** Absolute, in the container. */
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
}

export function mountLine(entry: MountEntry): RawLine {
  const target = entry.target.replace(/^\/+/, "");
  if (entry.source === "" || target === "") {
    throw new InvalidArgumentError(`a mount needs a source and a target: ${JSON.stringify(entry.target)}`);
  }
  // getmntent(3) takes a line that begins with # for a comment, and knows no escape for it
  const source = entry.source.startsWith("#") ? `./${entry.source}` : entry.source;
  return [
    "lxc.mount.entry",
    `${escapeField(source)} ${escapeField(target)} ${entry.type} ${entry.options.join(",")} 0 0`,
  ];
}

/** The escapes that getmntent(3) undoes, no others: a `#` stays as it is. */
function escapeField(field: string): string {
  if (field.includes("\0")) throw new InvalidArgumentError("a mount path cannot hold a NUL byte");
  return field.replaceAll(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
