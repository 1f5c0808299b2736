/** One `lxc.mount.entry`: an fstab line whose target is relative to the container's root. */
import { posix } from "node:path";

export interface MountEntry {
  source: string;
  /** Absolute inside the container. */
  target: string;
  fsType: string;
  options: string[];
}

const unescape = (field: string) =>
  !field.includes("\\")
    ? field
    : field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const escapeField = (field: string) =>
  field.replaceAll(/[\\ \t\n]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);

/** Null for a line without the three fields that a mount needs: liblxc skips it. */
export function parseMountEntry(line: string): MountEntry | null {
  const [source, target, fsType, options] = line.split(/\s+/).filter((field) => field !== "");
  if (source === undefined || target === undefined || fsType === undefined) return null;
  return {
    source: unescape(source),
    target: posix.normalize(`/${unescape(target)}`),
    fsType,
    options: (options ?? "defaults").split(",").map(unescape),
  };
}

export function formatMountEntry(entry: MountEntry): string {
  const target = escapeField(entry.target.replace(/^\/+/, ""));
  return `${escapeField(entry.source)} ${target} ${entry.fsType} ${entry.options.join(",")} 0 0`;
}
