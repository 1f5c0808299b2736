/** CRI mounts → LXC mount entries, and what a container gets without asking. Pure: host paths were resolved before. */

import { posix } from "node:path";
import { InvalidArgumentError, type Mount, MountPropagation, UnimplementedError } from "@lxe/cri";
import { INSIDE } from "../init/inside.ts";
import type { MountAttributes } from "../init/process.ts";
import type { UserNamespaceChoice } from "../model/records.ts";
import type { MountEntry } from "./raw-lxc.ts";

/** What is at a mount's host path, found out by the caller. */
export interface MountSource {
  /** With symbolic links resolved. */
  readonly path: string;
  readonly kind: "file" | "directory";
}

const PROPAGATION: Readonly<Record<number, string>> = {
  [MountPropagation.PROPAGATION_PRIVATE]: "rprivate",
  [MountPropagation.PROPAGATION_HOST_TO_CONTAINER]: "rslave",
};
const MOUNT_OPTIONS = ["noexec", "nodev", "nosuid"] as const;
const isMountOption = (option: string): option is (typeof MOUNT_OPTIONS)[number] =>
  (MOUNT_OPTIONS as readonly string[]).includes(option);

/** @throws an error that names the field, for what a mount asks and cannot get. */
export function checkMount(mount: Mount): void {
  if (mount.image?.image)
    throw new UnimplementedError("ImageVolumeMountFailed: mounts.image: image volumes are not supported");
  if (mount.imageSubPath !== "") throw new InvalidArgumentError("mounts.image_sub_path needs mounts.image");
  checkPath(mount.hostPath, "mounts.host_path");
  checkPlace(mount.containerPath, "mounts.container_path");
  checkRecursiveReadOnly(mount);
  if (mount.propagation === MountPropagation.PROPAGATION_BIDIRECTIONAL) {
    // LXC makes all mounts of a container slaves of the host's before it makes the container's own
    throw new UnimplementedError(
      "mounts.propagation BIDIRECTIONAL is not supported: mounts made in a container stay there",
    );
  }
  if (PROPAGATION[mount.propagation] === undefined) {
    throw new InvalidArgumentError(`mounts.propagation has an unknown value: ${mount.propagation}`);
  }
  for (const option of mount.mountOptions) {
    if (!isMountOption(option))
      throw new InvalidArgumentError(`mounts.mount_options: ${JSON.stringify(option)} is unknown`);
  }
}

/** @throws InvalidArgumentError for what is no absolute path, or one that no line of LXC's can hold. */
export function checkPath(path: string, field: string): void {
  if (!path.startsWith("/")) throw new InvalidArgumentError(`${field} is not absolute: ${JSON.stringify(path)}`);
  if (/[\0\r]/.test(path)) {
    throw new InvalidArgumentError(`${field} has a NUL byte or a carriage return: ${JSON.stringify(path)}`);
  }
}

/** As `checkPath`, for what is mounted there: not over everything, and not over lxe's own files. */
export function checkPlace(path: string, field: string): void {
  checkPath(path, field);
  const place = normalisePath(path);
  if (place === "/") throw new InvalidArgumentError(`${field} is the root directory`);
  if (place === INSIDE || place.startsWith(`${INSIDE}/`)) {
    throw new InvalidArgumentError(`${field} lies in ${INSIDE}, which the runtime uses itself`);
  }
}

function checkRecursiveReadOnly(mount: Mount): void {
  if (!mount.recursiveReadOnly) return;
  if (!mount.readonly) throw new InvalidArgumentError("mounts.recursive_read_only needs readonly");
  if (mount.propagation !== MountPropagation.PROPAGATION_PRIVATE) {
    throw new InvalidArgumentError("mounts.recursive_read_only needs propagation PRIVATE");
  }
}

export interface MountContext {
  /** Ids are mapped: the kernel must translate owners. */
  readonly idmapped: boolean;
}

/** Entry for a CRI mount. */
export function mountEntry(mount: Mount, source: MountSource, { idmapped }: MountContext): MountEntry {
  return {
    source: source.path,
    target: mount.containerPath,
    type: "none",
    options: [
      "rbind",
      `create=${source.kind === "file" ? "file" : "dir"}`,
      ...(mount.readonly ? ["ro"] : []),
      PROPAGATION[mount.propagation] ?? "rprivate",
      ...(idmapped ? ["idmap=container"] : []),
    ],
  };
}

/** A mount is idmapped as its pod is; the kubelet sends the pod's own mapping with each mount, and no other can be given. */
export function checkIdMappings({ uidMappings, gidMappings }: Mount, userns: UserNamespaceChoice): void {
  for (const [field, mappings] of [
    ["uidMappings", uidMappings],
    ["gidMappings", gidMappings],
  ] as const) {
    const [mapping, ...more] = mappings;
    if (!mapping) continue;
    const same =
      userns.kind === "mapped" &&
      more.length === 0 &&
      mapping.containerId === 0 &&
      mapping.hostId === userns.hostId &&
      mapping.length === userns.length;
    if (!same) throw new InvalidArgumentError(`mounts.${field} must be the mapping of the pod's user namespace`);
  }
}

/** What LXC does not do for a bind mount: attributes of all mounts below it, and other attributes than read-only. */
export function mountAttributes(mount: Mount): MountAttributes[] {
  const options = mount.mountOptions.filter(isMountOption);
  return [
    ...(mount.recursiveReadOnly ? [{ path: mount.containerPath, attributes: ["ro"] as const, recursive: true }] : []),
    ...(options.length > 0 ? [{ path: mount.containerPath, attributes: options, recursive: false }] : []),
  ];
}

/** Entry for one of lxe's own files or directories. */
export function bindEntry(source: string, target: string, kind: "file" | "dir", context: MountContext): MountEntry {
  return {
    source,
    target,
    type: "none",
    options: ["bind", `create=${kind}`, ...(context.idmapped ? ["idmap=container"] : [])],
  };
}

/** Parents come before what lies in them; otherwise the order of the request. */
export function byDepth<T extends { readonly target: string }>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => depth(a.target) - depth(b.target));
}

/**
 * Where a mount's target really lies in the image: LXC does not follow links there, since an image could lead it out of its
 * root file system. `links` are absolute paths of links and of what they lead to.
 */
export function throughLinks(target: string, links: Readonly<Record<string, string>>): string {
  const path = normalisePath(target);
  for (const [link, place] of Object.entries(links)) {
    if (path === link || path.startsWith(`${link}/`)) return `${place}${path.slice(link.length)}`;
  }
  return path;
}

const depth = (path: string): number => path.split("/").filter(Boolean).length;

/** Without `.` and `..`, as if no link were on the way: a path of a request never leads out of the root file system. */
export const normalisePath = (path: string): string => posix.normalize(`/${path}`).replace(/(?<=.)\/$/, "");

/**
 * Hides a path, whatever it is: of the two entries the one that does not fit the path's kind fails, and both may fail where
 * the path does not exist.
 */
export function maskEntries(path: string): MountEntry[] {
  return [
    { source: "/dev/null", target: path, type: "none", options: ["bind", "optional"] },
    { source: "tmpfs", target: path, type: "tmpfs", options: ["ro", "optional"] },
  ];
}

/** An image may name any path as a volume; where nothing can be mounted it is none. */
export function isVolumePlace(place: string): boolean {
  return place !== "/" && place !== INSIDE && !place.startsWith(`${INSIDE}/`) && !/[\0\r]/.test(place);
}

/** A directory of the container's root file system as a mount of its own. */
export function ownDirectoryEntry(path: string): MountEntry {
  return {
    source: path.replace(/^\/+/, ""),
    target: path,
    type: "none",
    options: ["bind", "relative", "create=dir"],
  };
}

/** Makes a path of the container's own file systems read-only, where it exists. */
export function readonlyEntry(path: string): MountEntry {
  return {
    source: path.replace(/^\/+/, ""),
    target: path,
    type: "none",
    options: ["rbind", "ro", "relative", "optional"],
  };
}
